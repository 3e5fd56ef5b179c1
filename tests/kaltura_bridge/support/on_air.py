"""A webcast that Kaltura holds, and everybody who has to do with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.test import Client

from events.models import Session, SpeakerRole, TeamRole, User
from kaltura_bridge.join.destination import remote_entry_id
from kaltura_bridge.models import EventDelivery
from kaltura_bridge.specs import key_for
from kaltura_bridge.sync import service
from tests.factories import (
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    UserFactory,
)
from tests.kaltura_bridge.support.joining import attendee_of, live_session, signed_in

if TYPE_CHECKING:
    from kaltura_simulator.testing import Simulator


@dataclass
class OnAir:
    """A running session with a desk. ``people`` by what they are to it; None: not signed in."""

    simulator: Simulator
    session: Session
    people: dict[str, User | None]

    @property
    def entry_id(self) -> str:
        return str(remote_entry_id(self.session))

    @property
    def desk_url(self) -> str:
        return f"/e/{self.session.event.slug}/sessions/{self.session.slug}/live/"

    def client(self, who: str = "producer") -> Client:
        user = self.people[who]
        return signed_in(user) if user else Client()

    def entry(self) -> dict[str, Any]:
        """The live entry as Kaltura holds it."""
        rows = self.simulator.objects("liveStream")
        return next(row for row in rows if row["id"] == self.entry_id)

    def calendar_event(self) -> dict[str, Any]:
        """The session's own scheduled event there."""
        key = key_for(self.session.uuid)
        rows = self.simulator.objects("scheduleEvent")
        return next(row for row in rows if row["referenceId"] == key)

    def confirm(self, action: str, who: str = "producer", **fields: Any) -> list[str]:
        """Confirm an action as its page has it; what the desk says then."""
        form = {"confirmed": "1", **fields}
        page = self.client(who).post(f"{self.desk_url}{action}/", form, follow=True)
        assert page.redirect_chain, page.content.decode()
        return [str(message) for message in page.context["messages"]]

    def sync(self) -> None:
        service.settle(service.targets_of(self.session.event), 20)


def on_air(
    simulator: Simulator, *, preview: bool = True, synced: bool = True, **fields: Any
) -> OnAir:
    """A session that began ten minutes ago, whose broadcast waits for an encoder."""
    session = live_session(**fields)
    EventDelivery.objects.create(event=session.event, preview=preview)
    people: dict[str, User | None] = {
        "owner": TeamMemberFactory(event=session.event, role=TeamRole.OWNER).user,
        "producer": TeamMemberFactory(event=session.event, role=TeamRole.MANAGER).user,
        "team moderator": TeamMemberFactory(event=session.event, role=TeamRole.MODERATOR).user,
        "moderator": _on_stage(session, SpeakerRole.MODERATOR),
        "speaker": _on_stage(session, SpeakerRole.SPEAKER),
        "analyst": TeamMemberFactory(event=session.event, role=TeamRole.ANALYST).user,
        "attendee": attendee_of(session),
        "producer of another event": TeamMemberFactory(role=TeamRole.OWNER).user,
        "stranger": UserFactory(),
        "nobody": None,
    }
    made = OnAir(simulator, session, people)
    if synced:
        made.sync()
        assert made.entry_id != "None"
    return made


def _on_stage(session: Session, role: str) -> User:
    user = UserFactory()
    speaker = SpeakerFactory(event=session.event, user=user)
    SessionSpeakerFactory(session=session, speaker=speaker, role=role)
    return user
