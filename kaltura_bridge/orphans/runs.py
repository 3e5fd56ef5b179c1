"""Lists of orphans as they are kept: looked for, shown, chosen from, and what came of it."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from kaltura_bridge.api.client import PAGE, Kaltura
from kaltura_bridge.api.errors import KalturaError, user_message
from kaltura_bridge.models import OrphanScan
from kaltura_bridge.orphans import removal
from kaltura_bridge.orphans import scan as scanner
from kaltura_bridge.orphans.removal import Removal
from kaltura_bridge.orphans.scan import Orphan


def look_for(pk: int) -> None:
    """Look on behalf of the page, unless that was done already."""
    if scan := OrphanScan.objects.filter(pk=pk, finished_at=None).first():
        look(scan)


def delete_from(pk: int) -> None:
    """Delete on behalf of the page, unless that was done already."""
    waiting = OrphanScan.objects.filter(pk=pk, chosen_at__isnull=False, removed_at=None)
    if scan := waiting.select_related("chosen_by").first():
        delete_chosen(scan)


def look(scan: OrphanScan, page_size: int = PAGE) -> None:
    """Look for orphans and keep what is found, or the reason why nothing could be."""
    try:
        scan.orphans = [orphan.as_json() for orphan in scanner.find(Kaltura(), page_size)]
    except KalturaError as error:
        scan.error = user_message("to list what it holds", error)
    scan.finished_at = timezone.now()
    scan.save(update_fields=["orphans", "error", "finished_at"])


def delete_chosen(scan: OrphanScan) -> list[Removal]:
    """Delete what was chosen of this list; each deletion stands in the log with its person.

    What is deleted leaves the list. Done twice it does no harm: the second time
    everything is gone.
    """

    def note(orphan: Orphan) -> None:
        _log(scan, orphan)

    listed = [Orphan.from_json(row) for row in scan.orphans]
    by = str(scan.chosen_by or "The command line")
    removals = removal.remove(Kaltura(), listed, scan.chosen, by, note)
    _keep(scan, removals)
    return removals


def _keep(scan: OrphanScan, removals: list[Removal]) -> None:
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
