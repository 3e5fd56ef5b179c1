"""One look at a session's entry or room at Kaltura, for whoever helps at its door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from kaltura_bridge.api import ks
from kaltura_bridge.api.errors import KalturaError, RemoteRejected, RemoteUnavailable
from kaltura_bridge.api.light import LightCall, call
from kaltura_bridge.join.destination import JoinDestination, KafPage
from kaltura_bridge.live.state import live_state

TIMEOUT_S: Final = 2.0
# KalturaEntryStatus, of those that entries and rooms have.
_READY, _DELETED, _NO_CONTENT = "2", "3", "7"
_MISSING: Final = "ENTRY_ID_NOT_FOUND"


@dataclass(frozen=True)
class EntryLook:
    """What Kaltura says, in a sentence; ``mend`` when something is wrong with it."""

    text: str
    mend: str = ""

    @property
    def is_well(self) -> bool:
        return not self.mend


def look_at(destination: JoinDestination) -> EntryLook:
    """Ask Kaltura once, for two seconds at most. Never raises."""
    if not destination.entry_id:
        return EntryLook(_("There is nothing at Kaltura yet to ask about."))
    if destination.page is KafPage.LAUNCH:
        return EntryLook(
            _(
                "It is a room of the older form (event %(id)s), which only the sync can look at: "
                "see its sync state."
            )
            % {"id": destination.entry_id}
        )
    if not ks.can_mint():
        return EntryLook(_("Without a secret in the settings Kaltura cannot be asked."))
    try:
        entry = _asked(destination.entry_id)
    except RemoteRejected as refused:
        return _refused(destination, refused)
    except KalturaError as error:
        return EntryLook(
            _("Kaltura does not answer now (%(error)s); the portal lets people in meanwhile.")
            % {"error": error},
            _("See its state on the page of the sync. People whose room is open stay in it."),
        )
    return _said(destination, entry)


def _asked(entry_id: str) -> Mapping[str, Any]:
    asked = LightCall("baseentry", "get", {"entryId": entry_id}, ks=ks.entry_look_ks(entry_id))
    entry = call(asked, TIMEOUT_S)
    if not isinstance(entry, dict):
        raise RemoteUnavailable("an answer that cannot be read", sent=True)
    return entry


def _refused(destination: JoinDestination, refused: RemoteRejected) -> EntryLook:
    known = {"id": destination.entry_id, "code": refused.code}
    if refused.code == _MISSING:
        return EntryLook(
            _("Kaltura has no entry %(id)s: it was deleted there.") % known,
            _("Choose “Recreate” on the page of its sync state."),
        )
    return EntryLook(
        _("Kaltura does not show the entry %(id)s (%(code)s).") % known,
        _("The doctor says what the account lacks."),
    )


def _said(destination: JoinDestination, entry: Mapping[str, Any]) -> EntryLook:
    status, name = str(entry.get("status", "")), str(entry.get("name", ""))
    known = {"id": destination.entry_id, "name": name}
    if status == _DELETED:
        return EntryLook(
            _("“%(name)s” (%(id)s) is deleted at Kaltura.") % known,
            _("Choose “Recreate” on the page of its sync state."),
        )
    if status not in (_READY, _NO_CONTENT):
        return EntryLook(
            _("“%(name)s” (%(id)s) is not ready at Kaltura: status %(status)s.")
            % {**known, "status": status},
            _("Look at it in Kaltura's own pages."),
        )
    text = _("Kaltura has “%(name)s” (%(id)s), and it is ready.") % known
    return EntryLook(f"{text} {_on_air(destination)}".strip())


def _on_air(destination: JoinDestination) -> str:
    """What all are told who watch; "" of rooms, and when Kaltura has not said so yet."""
    state = live_state(destination.entry_id) if destination.page is KafPage.ENTRY else None
    if state is None or state.as_of is None:
        return ""
    if state.viewers_see:
        return _("Viewers see a broadcast now.")
    return _("Viewers see no broadcast now.")
