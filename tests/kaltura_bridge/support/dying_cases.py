"""Four things that happen to a session of each recipe, each with all the writes it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from events import actions
from events.models import Event, Session
from tests.kaltura_bridge.support.recipe_cases import CASES, CHANGES, become, decide

if TYPE_CHECKING:
    from kaltura_simulator.testing import Simulator


def change_everything(session: Session) -> None:
    """Another name for event, track, session and speaker, another time, every option changed."""
    session.event.title = "Autumn"
    session.event.save()
    assert session.track is not None
    session.track.name = "Law"
    session.track.save()
    speaker = session.speakers.get()
    speaker.name = "Grace"
    speaker.save()
    own = CASES[_name_of(session)].own
    decide(session, **{option: CHANGES[option][0] for option in own if option != "replay"})
    fresh = Session.objects.get(pk=session.pk)
    fresh.title = "Opening"
    fresh.save()
    by = timedelta(minutes=30)
    actions.move_session(fresh, fresh.starts_at + by, fresh.ends_at + by)


def _name_of(session: Session) -> str:
    return next(name for name, case in CASES.items() if case.session_type == session.session_type)


def become_the_next(session: Session) -> None:
    """The next type in the list, and with it most objects anew."""
    names = list(CASES)
    become(session, names[(names.index(_name_of(session)) + 1) % len(names)])


def nothing(session: Session) -> None:
    """As it was planned."""


def end(session: Session) -> None:
    Event.objects.get(pk=session.event_id).delete()


# What happens after the session was planned; what is sent then is looked at.
LIVES: Final[Mapping[str, Callable[[Session], None]]] = {
    "first": nothing,
    "change": change_everything,
    "another type": become_the_next,
    "end": end,
}


def writes_seen(simulator: Simulator) -> list[str]:
    """Every writing service.action since the simulator was told to forget, without plugins."""
    sent = (r for r in simulator.requests() if r["writes"])
    return sorted({f"{r['service'].rpartition('_')[2]}.{r['action']}" for r in sent})
