"""Orphan scans as they are saved: the list, what a person chose of it, and the outcome."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from kaltura_bridge.api.client import PAGE, Kaltura
from kaltura_bridge.api.errors import KalturaError, user_message
from kaltura_bridge.models import OrphanScan
from kaltura_bridge.orphans.removal import Removal, remove
from kaltura_bridge.orphans.scan import Orphan, find_orphans


def run_requested_scan(pk: int) -> None:
    """Scan on behalf of the page, unless that was done already."""
    if scan := OrphanScan.objects.filter(pk=pk, finished_at=None).first():
        run_scan(scan)


def run_requested_removal(pk: int) -> None:
    """Delete on behalf of the page, unless that was done already."""
    waiting = OrphanScan.objects.filter(pk=pk, chosen_at__isnull=False, removed_at=None)
    if scan := waiting.select_related("chosen_by").first():
        delete_chosen(scan)


def run_scan(scan: OrphanScan, page_size: int = PAGE) -> None:
    """Find orphans and save them, or the reason why Kaltura could not be read."""
    try:
        scan.orphans = [orphan.as_json() for orphan in find_orphans(Kaltura(), page_size)]
    except KalturaError as error:
        scan.error = user_message("to list what it holds", error)
    scan.finished_at = timezone.now()
    scan.save(update_fields=["orphans", "error", "finished_at"])


def delete_chosen(scan: OrphanScan) -> list[Removal]:
    """Delete what was chosen of this list; each deletion is logged with the person.

    What is deleted leaves the list. Safe to repeat: the second time everything is gone.
    """

    listed = [Orphan.from_json(row) for row in scan.orphans]
    by = str(scan.chosen_by or "The command line")
    removals = remove(Kaltura(), listed, scan.chosen, by, partial(_log, scan))
    _save_outcome(scan, removals)
    return removals


def _save_outcome(scan: OrphanScan, removals: list[Removal]) -> None:
    deleted = {done.ref for done in removals if done.deleted}
    scan.orphans = [row for row in scan.orphans if _ref(row) not in deleted]
    scan.removals = [done.as_json() for done in removals]
    scan.removed_at = timezone.now()
    scan.save(update_fields=["orphans", "removals", "removed_at"])


def _ref(row: dict[str, Any]) -> str:
    return f"{row['kind']}:{row['remote_id']}"


def _log(scan: OrphanScan, orphan: Orphan) -> None:
    """A line in the admin's history, where a person did it there."""
    if scan.chosen_by is None:
        return
    LogEntry.objects.create(
        user=scan.chosen_by,
        content_type=ContentType.objects.get_for_model(OrphanScan),
        object_id=str(scan.pk),
        object_repr=f"{orphan.kind.label} “{orphan.name}”"[:200],
        action_flag=DELETION,
        change_message=f"Deleted {orphan.ref} ({orphan.key}) at Kaltura.",
    )
