"""What each person may do behind each door of each type of session, as their KS says it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from events.models import Session, SessionType, SpeakerRole, TeamRole, User
from kaltura_bridge.join.identity import kaltura_user_id
from kaltura_bridge.models import RemoteLink
from kaltura_bridge.recipes.room import LEGACY_EVENT
from kaltura_bridge.recipes.studio import SUFFIX as STUDIO
from kaltura_bridge.specs import Kind, key_for
from tests.environment import ADMIN_SECRET
from tests.factories import (
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    UserFactory,
)
from tests.kaltura_bridge.api.test_ks import decode
from tests.kaltura_bridge.join.test_again_and_tab import tab_link
from tests.kaltura_bridge.support.joining import (
    attendee_of,
    frame_url,
    join_url,
    linked,
    live_session,
    signed_in,
    target_of,
)

pytestmark = pytest.mark.django_db
KAF = "https://101.kaf.example.org"
ENTRY, STAGE, OLDER_EVENT = "1_abcd2345", "1_stage234", "4711"
LEGACY = "older room"
TYPES = (*SessionType.values, LEGACY)
ROOMS = {SessionType.INTERACTIVE, SessionType.WEBINAR}


@pytest.fixture(autouse=True)
def kaf(settings: Any) -> None:
    settings.KALTURA_KAF_URL = KAF


# --- People --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Powers:
    """userContextualRole, chatModerator and roomModerator."""

    contextual_role: str
    leads: str


WATCHES, PRESENTS, LEADS = Powers("3", "0"), Powers("0", "0"), Powers("0", "1")


def on_stage(role: str) -> Callable[[Session], User]:
    def make(session: Session) -> User:
        user = UserFactory()
        speaker = SpeakerFactory(event=session.event, user=user)
        SessionSpeakerFactory(session=session, speaker=speaker, role=role)
        return user

    return make


def in_team(role: str) -> Callable[[Session], User]:
    return lambda session: TeamMemberFactory(event=session.event, role=role).user


def speaks_elsewhere(session: Session) -> User:
    """On another session's stage of the same event."""
    return on_stage(SpeakerRole.MODERATOR)(SessionFactory(event=session.event))


def leads_elsewhere(session: Session) -> User:
    """Owner of another event, registered here."""
    user = attendee_of(session)
    TeamMemberFactory(role=TeamRole.OWNER, user=user)
    return user


PEOPLE: dict[str, tuple[Callable[[Session], User], Powers]] = {
    "attendee": (attendee_of, WATCHES),
    "analyst": (in_team(TeamRole.ANALYST), WATCHES),
    "owner of another event": (leads_elsewhere, WATCHES),
    "speaker": (on_stage(SpeakerRole.SPEAKER), PRESENTS),
    "session moderator": (on_stage(SpeakerRole.MODERATOR), LEADS),
    "moderator": (in_team(TeamRole.MODERATOR), LEADS),
    "manager": (in_team(TeamRole.MANAGER), LEADS),
    "owner": (in_team(TeamRole.OWNER), LEADS),
    "superuser": (lambda session: UserFactory(is_superuser=True), LEADS),
}


# --- Doors ---------------------------------------------------------------------------------


def by_frame(client: Client, session: Session) -> str:
    return client.get(frame_url(client.get(join_url(session))))["Location"]


def by_tab(client: Client, session: Session) -> str:
    return client.get(tab_link(client.get(f"{join_url(session)}tab/")))["Location"]


def by_new_ticket(client: Client, session: Session) -> str:
    return client.get(client.get(f"{join_url(session)}ticket/").json()["frame"])["Location"]


def session_of(type_: str) -> Session:
    """A live session of this type, with all that it has at Kaltura."""
    if type_ == LEGACY:
        session = live_session(session_type=SessionType.INTERACTIVE)
        _link(session, Kind.SCHEDULE_EVENT, OLDER_EVENT, made_for=LEGACY_EVENT)
        return session
    session = live_session(session_type=type_)
    linked(session, ENTRY)
    if type_ == SessionType.STUDIO:
        _link(session, Kind.ROOM, STAGE, suffix=STUDIO)
    return session


def _link(session: Session, kind: Kind, remote_id: str, suffix: str = "", **more: str) -> None:
    key = key_for(session.uuid, suffix) if suffix else key_for(session.uuid)
    RemoteLink.objects.create(
        target=target_of(session), kind=kind, key=key, remote_id=remote_id, **more
    )


def expected(type_: str, who: str) -> tuple[str, dict[str, str]]:
    """The page at Kaltura, and what of the KS decides what somebody may do there."""
    powers = PEOPLE[who][1]
    said = {"actionslimit": "-1", "role": "viewerRole", "_t": "0"}
    said["userContextualRole"] = powers.contextual_role
    if type_ == LEGACY:
        return "/virtualEvent/launch", said | {"eventId": OLDER_EVENT}
    in_studio = type_ == SessionType.STUDIO and powers is not WATCHES
    if type_ in ROOMS or in_studio:
        flags = {"chatModerator": powers.leads, "roomModerator": powers.leads}
        entry = STAGE if in_studio else ENTRY
        return "/embeddedrooms/index/view-room", said | flags | {"entryId": entry}
    return "/hosted/index/view-entry", said | {"entryId": ENTRY}


def found(address: str) -> tuple[str, dict[str, str]]:
    parts = urlsplit(address)
    page, _, ks = parts.path.partition("/ks/")
    fields = decode(ks or parse_qs(parts.query)["ks"][0], ADMIN_SECRET)
    personal = ("firstName", "lastName", "locale", "_e", "_u", "userId")
    return page, {name: value for name, value in fields.items() if name not in personal}


@pytest.mark.parametrize("type_", TYPES)
def test_every_person_has_their_own_powers_behind_every_door(type_):
    session = session_of(type_)
    wrong = []
    for (who, (make, _)), door in product(PEOPLE.items(), (by_frame, by_tab, by_new_ticket)):
        user = make(session)
        address = door(signed_in(user), session)
        if found(address) != expected(type_, who):
            wrong.append((who, door.__name__, found(address)))
        assert kaltura_user_id(user) not in urlsplit(address).path

    assert wrong == []
