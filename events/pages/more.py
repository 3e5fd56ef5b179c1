"""Links of other apps on a session's page, beside its documents.

An app calls ``register_link`` from its ``AppConfig.ready``. Strangers' pages are kept for all
of them, so nobody is asked for those.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from events.access import SessionAccess
from events.i18n.languages import Words
from events.models import Session
from events.remote import RemoteState


@dataclass(frozen=True)
class SessionLink:
    """Where to find more about a session."""

    url: str
    label: Words
    note: Words = ""


# The state of its room is asked for only where it is called; it may cost a query.
MakeLink = Callable[[Session, SessionAccess, Callable[[], RemoteState]], SessionLink | None]
_makers: list[MakeLink] = []


def register_link(make: MakeLink) -> None:
    """Ask ``make`` for a link whenever a session's page is shown to somebody."""
    if make not in _makers:
        _makers.append(make)


def links_of_session(
    session: Session, access: SessionAccess, remote: Callable[[], RemoteState]
) -> list[SessionLink]:
    """What this person finds elsewhere, by what they may do with the session."""
    return [link for make in _makers if (link := make(session, access, remote))]
