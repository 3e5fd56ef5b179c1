"""The admin's page of orphans: scan, choose, confirm; the worker does the rest.

The account belongs to all events, so the page is for superusers. The web process never
calls Kaltura: it shows the last saved list, and wakes the worker.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.i18n.languages import Words
from kaltura_bridge.admin.base import NO_WORKER, SuperuserAdmin, render_page
from kaltura_bridge.labels import since
from kaltura_bridge.models import OrphanScan
from kaltura_bridge.queue import TaskName, enqueue
from kaltura_bridge.repair.choices import counted
from kaltura_bridge.specs import Kind

SHOWN: Final = 200
PAST: Final = 20
# After so long without an answer the worker is not expected to come back.
PATIENCE: Final = timedelta(minutes=10)
REASONS: Final = {
    "orphan": gettext_lazy("Nothing in this portal has its reference"),
    "double": gettext_lazy("Duplicate: the portal uses another object with the same reference"),
    "ghost": gettext_lazy(
        "Ghost: Kaltura made it again under an old name; its sessions have their places"
    ),
}


@dataclass(frozen=True)
class OrphanRow:
    """An orphan as the page shows it."""

    ref: str
    label: str
    name: str
    key: str
    reason: Words
    is_ghost: bool
    created: str
    updated_at: datetime

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> OrphanRow:
        """From the saved list."""
        return cls(
            ref=f"{row['kind']}:{row['remote_id']}",
            label=Kind(row["kind"]).label,
            name=row["name"],
            key=row["key"],
            reason=REASONS[row["reason"]],
            is_ghost=row["reason"] == "ghost",
            created=since(datetime.fromisoformat(row["created_at"])),
            updated_at=datetime.fromisoformat(row["updated_at"]),
        )


@admin.register(OrphanScan)
class OrphanScanAdmin(SuperuserAdmin):
    """One page instead of a list of lists."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("", wrap(self.page), name="kaltura_bridge_orphanscan_changelist"),
            path("look/", wrap(self.scan), name="kaltura_bridge_orphans_look"),
            path("delete/", wrap(self.delete), name="kaltura_bridge_orphans_delete"),
        ]

    # --- The pages ----------------------------------------------------------

    def page(self, request: HttpRequest) -> HttpResponse:
        """The last list, what is under way, and the outcome of the last deletion."""
        self.allow(request)
        scans = OrphanScan.objects.select_related("asked_by", "chosen_by")
        newest = scans.first()
        scan = scans.filter(finished_at__isnull=False, error="").first()
        rows = [OrphanRow.of(row) for row in scan.orphans] if scan else []
        shown = {
            "newest": newest,
            "scanning": newest is not None and newest.finished_at is None,
            "stalled": _stalled(newest.asked_at if newest else None),
            "scan": scan,
            "as_of": since(scan.finished_at) if scan else "",
            "rows": rows[:SHOWN],
            "more": max(len(rows) - SHOWN, 0),
            "ghosts": sum(row.is_ghost for row in rows),
            "deleting": bool(scan and scan.chosen_at and not scan.removed_at),
            "deleting_stalled": _stalled(scan.chosen_at if scan else None),
            "removals": [_removal(row) for row in scan.removals] if scan else [],
            "past": _past_deletions(),
        }
        return render_page(self, request, "orphans", _("Orphans at Kaltura"), shown)

    def scan(self, request: HttpRequest) -> HttpResponse:
        """Have the worker scan the account."""
        self.allow(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        scan = OrphanScan.objects.create(asked_by_id=request.user.pk)
        if not enqueue(TaskName.FIND_ORPHANS, scan.pk):
            scan.delete()
            messages.error(request, NO_WORKER)
        return _back()

    def delete(self, request: HttpRequest) -> HttpResponse:
        """List what was chosen; once that is confirmed, have the worker delete it."""
        self.allow(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        scan = get_object_or_404(OrphanScan, pk=_number(request.POST.get("scan")))
        rows = _chosen(scan, request)
        if not rows:
            messages.warning(request, _("Choose at least one object."))
            return _back()
        if not request.POST.get("confirmed"):
            title = _("Delete %(counted_object)s at Kaltura?") % {
                "counted_object": counted(len(rows), "object")
            }
            return render_page(
                self, request, "orphans_confirm", title, {"scan": scan, "rows": rows}
            )
        self._delete(request, scan, [row.ref for row in rows])
        return _back()

    def _delete(self, request: HttpRequest, scan: OrphanScan, chosen: Sequence[str]) -> None:
        now = timezone.now()
        free = Q(chosen_at=None) | Q(removed_at__isnull=False) | Q(chosen_at__lt=now - PATIENCE)
        mine = OrphanScan.objects.filter(free, pk=scan.pk)
        choice = {"chosen": chosen, "chosen_at": now, "chosen_by": request.user.pk}
        if not mine.update(**choice, removed_at=None, removals=[]):
            messages.warning(
                request, _("The last deletion is still running. Wait until it is done.")
            )
        elif not enqueue(TaskName.DELETE_ORPHANS, scan.pk):
            OrphanScan.objects.filter(pk=scan.pk).update(chosen=[], chosen_at=None)
            messages.error(request, NO_WORKER)


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:kaltura_bridge_orphanscan_changelist"))


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 19 else 0


def _chosen(scan: OrphanScan, request: HttpRequest) -> list[OrphanRow]:
    """The rows that were ticked, all that the page shows, or all ghosts."""
    rows = [OrphanRow.of(row) for row in scan.orphans]
    if request.POST.get("all"):
        return rows[:SHOWN]
    if request.POST.get("ghosts"):
        return [row for row in rows if row.is_ghost]
    ticked = set(request.POST.getlist("chosen"))
    return [row for row in rows if row.ref in ticked]


def _removal(row: Mapping[str, Any]) -> dict[str, str]:
    return {
        "label": Kind(row["kind"]).label if row["kind"] in set(Kind) else row["kind"],
        "name": row["name"] or row["remote_id"],
        "outcome": "deleted" if row["deleted"] else row["reason"],
    }


def _past_deletions() -> Iterable[LogEntry]:
    """The last deletions, and who did them."""
    about = ContentType.objects.get_for_model(OrphanScan)
    return LogEntry.objects.filter(content_type=about).select_related("user")[:PAST]


def _stalled(asked_at: datetime | None) -> bool:
    return asked_at is not None and timezone.now() - asked_at > PATIENCE
