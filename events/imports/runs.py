"""One import at a time into one event, and who ran which.

The lease is a row that says "running" (models.ImportRun). It only keeps two imports from
working beside each other; that no import writes over what somebody else wrote is seen to
by ``apply``, and whoever lost the lease meanwhile saves nothing (``end_saved``).
"""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from events.holders import is_alive, new_holder, this_machine
from events.models import Event, ImportRun, ImportState

# Reading and comparing 5,000 talks takes seconds. Only a machine that vanished is waited for.
LEASE = timedelta(minutes=15)


class ImportBusy(Exception):
    """Another import holds the event; the text says whose it is and what to do."""


@contextmanager
def running_import(slug: str, file: str) -> Iterator[ImportRun]:
    """Hold the event's lease during the block; an error that ends it is kept with the run.

    Raises ImportBusy when another import holds it.
    """
    run = _begin(slug, file)
    try:
        yield run
    except BaseException as error:
        # Where the database itself is the trouble, the end of this process frees the event.
        with suppress(DatabaseError):
            end_refused(run, f"{type(error).__name__}: {error}")
        raise
    end_refused(run, "Nothing was saved.")


def end_saved(run: ImportRun, event: Event, outcome: str) -> None:
    """Within the transaction that saves, so that both are true or neither.

    Raises ImportBusy when the lease was lost meanwhile; then nothing may be saved.
    """
    if not _end(run, ImportState.SAVED, outcome, event=event):
        raise ImportBusy(
            f"This import of {run.file} into {run.slug} took longer than "
            f"{LEASE // timedelta(minutes=1)} minutes and lost its turn. Run it again."
        )


def end_refused(run: ImportRun, outcome: str) -> None:
    """Say why nothing was saved, unless the run has ended already."""
    _end(run, ImportState.REFUSED, outcome)


def _end(run: ImportRun, state: ImportState, outcome: str, event: Event | None = None) -> bool:
    mine = ImportRun.objects.filter(pk=run.pk, state=ImportState.RUNNING)
    event = event or Event.objects.filter(slug=run.slug).first()
    return bool(
        mine.update(state=state, outcome=outcome[:500], ended_at=timezone.now(), event=event)
    )


def _begin(slug: str, file: str) -> ImportRun:
    run = ImportRun(
        slug=slug,
        file=file[-250:],
        started_by=_who(),
        holder=new_holder(),
        lease_until=timezone.now() + LEASE,
    )
    try:
        with transaction.atomic():
            _free_dead_ones(slug)
            run.save()
    except IntegrityError as error:  # another one began at the same moment
        other = ImportRun.objects.filter(slug=slug, state=ImportState.RUNNING).first()
        raise _busy(other or run) from error
    return run


def _free_dead_ones(slug: str) -> None:
    running = ImportRun.objects.filter(slug=slug, state=ImportState.RUNNING)
    for other in running.select_for_update():
        if not _is_over(other):
            raise _busy(other)
        _end(other, ImportState.ABANDONED, "Ended without a word; nothing was saved.")


def _is_over(run: ImportRun) -> bool:
    is_here = run.holder.startswith(f"{this_machine()}|")
    return run.lease_until <= timezone.now() or (is_here and not is_alive(run.holder))


def _busy(run: ImportRun) -> ImportBusy:
    return ImportBusy(
        f"{run.started_by} is importing {run.file} into {run.slug} since "
        f"{run.started_at:%Y-%m-%d %H:%M:%S} UTC. Wait for its end and run this again; should "
        f"that machine be gone, the event is free at {run.lease_until:%H:%M:%S} UTC."
    )


def _who() -> str:
    try:
        account = getpass.getuser()
    except (KeyError, OSError):  # a container may run as a number without a name
        account = f"user {os.getuid()}"
    return f"{account}@{socket.gethostname()} (process {os.getpid()})"[:200]
