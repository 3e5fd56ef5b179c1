"""Reads and saves incoming files: in the request where that is quick, else in a worker.

The database is the queue. A claim is a lease; whoever dies holds a file up no longer than that,
and the next one does it again. Saving and the note that it was saved are one transaction, so
nothing is imported twice.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from events.history.authors import acting
from events.imports.apply import EventChanged, short_transaction
from events.imports.runs import ImportBusy, end_refused, end_saved, running_import
from events.imports.schedule import BrokenFile
from events.incoming.arriving import remembered_for
from events.incoming.planning import IncomingPlan, read_incoming
from events.models import ImportRun, IncomingFile, IncomingState, User

#: Reading the largest table takes some ten seconds.
LEASE: Final = timedelta(minutes=10)
#: What is smaller is read within the request.
QUICK_BYTES: Final = 60_000
_AT_WORK: Final = (IncomingState.READING, IncomingState.SAVING)


class LostTurn(Exception):
    """Somebody asked for something else meanwhile; nothing may be saved."""


def work_on_all(stop: Callable[[], bool]) -> None:
    """Everything that waits for a worker."""
    waiting = IncomingFile.objects.filter(state__in=_AT_WORK).filter(_free())
    for pk in list(waiting.order_by("updated_at").values_list("pk", flat=True)[:100]):
        if stop():
            return
        work_on(pk)


def work_soon(incoming: IncomingFile, wake: Callable[[], Any]) -> None:
    """Do what was asked: at once for a small file, else wake a worker."""
    if len(incoming.data) <= QUICK_BYTES:
        work_on(incoming.pk)
    else:
        wake()


def work_on(pk: int) -> bool:
    """Do what is asked of one file, unless somebody else does. Says whether it was ours."""
    mine = IncomingFile.objects.filter(pk=pk, state__in=_AT_WORK).filter(_free())
    if not mine.update(lease_until=timezone.now() + LEASE):
        return False
    incoming = IncomingFile.objects.select_related("event", "user", "source").get(pk=pk)
    with override(incoming.rules.get("language") or None):
        if incoming.state == IncomingState.READING:
            _read(incoming)
        else:
            _save(incoming)
    return True


def _free() -> Q:
    return Q(lease_until=None) | Q(lease_until__lt=timezone.now())


def _planned(incoming: IncomingFile) -> IncomingPlan:
    return read_incoming(incoming, remembered_for(incoming.user, incoming.event, incoming.kind))


def _read(incoming: IncomingFile, outcome: str = "") -> None:
    try:
        found = _planned(incoming)
    except BrokenFile as error:
        # What was asked about its columns stays, so that another answer can be given.
        table = {"table": incoming.preview["table"]} if "table" in incoming.preview else {}
        _settle(incoming, IncomingState.BROKEN, preview=table, outcome=str(error))
        return
    if incoming.applies_itself and not outcome and found.is_harmless:
        _settle(
            incoming,
            IncomingState.SAVING,
            preview=found.document,
            fingerprint=found.fingerprint,
        )
        return
    if incoming.source_id and found.says_nothing_new:
        _settle(incoming, IncomingState.SAVED, preview=found.document, outcome=found.summary)
        return
    _show(incoming, found, outcome or found.outcome)


def _show(incoming: IncomingFile, found: IncomingPlan, outcome: str) -> None:
    _settle(
        incoming,
        IncomingState.READY,
        preview=found.document,
        fingerprint=found.fingerprint,
        outcome=outcome,
    )


def _save(incoming: IncomingFile) -> None:
    try:
        with running_import(incoming.event.slug, incoming.name, _who(incoming)) as run:
            _save_as_shown(incoming, run)
    except BrokenFile as error:
        _settle(incoming, IncomingState.BROKEN, outcome=str(error))
    except ImportBusy as error:
        _settle(incoming, IncomingState.READY, outcome=str(error))
    except LostTurn:
        pass
    except (EventChanged, ValidationError, IntegrityError):
        incoming.event.refresh_from_db()
        _read(
            incoming, _("Somebody edited the event meanwhile, so nothing was saved. This is new.")
        )


def _save_as_shown(incoming: IncomingFile, run: ImportRun) -> None:
    found = _planned(incoming)
    if found.fingerprint != incoming.fingerprint:
        end_refused(run, "The event was edited since the preview.")
        _show(
            incoming,
            found,
            _("The event was edited since you looked, so nothing was saved. This is new."),
        )
        return
    prepared = found.prepared()
    if prepared is None:
        _show(incoming, found, _("No row can be imported."))
        return
    with acting(actor=incoming.user, note=incoming.name), short_transaction():
        event = prepared.save()
        end_saved(run, event, found.summary)
        if not _settle(incoming, IncomingState.SAVED, outcome=found.summary):
            raise LostTurn
        if incoming.user:
            LogEntry.objects.log_actions(
                incoming.user.pk,
                [event],
                CHANGE,
                f"Imported {incoming.name}: {found.summary}",
                single_object=True,
            )


def _settle(incoming: IncomingFile, state: IncomingState, **changes: Any) -> bool:
    """Write down what came of it, unless somebody has asked for something else since."""
    changes["outcome"] = changes.get("outcome", "")[:500]
    mine = IncomingFile.objects.filter(
        pk=incoming.pk, version=incoming.version, state=incoming.state
    )
    return bool(mine.update(state=state, lease_until=None, updated_at=timezone.now(), **changes))


def _who(incoming: IncomingFile) -> str:
    user: User | None = incoming.user
    return user.email if user else str(incoming.source or "")
