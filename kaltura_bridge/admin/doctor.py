"""The doctor's page in the admin: what the last check-up found, and a button for another.

The account belongs to all events, so the page is for superusers. The checks run in the
worker; the page shows each line as soon as it is there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from kaltura_bridge.admin.base import NO_WORKER, OperatorsAdmin, render_page
from kaltura_bridge.doctor import Verdict, checkups
from kaltura_bridge.labels import since
from kaltura_bridge.models import Checkup

ICONS: Final = {
    Verdict.FAILED: "✗",
    Verdict.WARNING: "!",
    Verdict.OK: "✓",
    Verdict.SKIPPED: "–",
}
WORDS: Final = {
    Verdict.FAILED: "Failed",
    Verdict.WARNING: "Warning",
    Verdict.OK: "OK",
    Verdict.SKIPPED: "Skipped",
}
# What the page puts under which heading, most pressing first.
GROUPS: Final = (
    ("To mend", (Verdict.FAILED, Verdict.WARNING)),
    ("Not looked at", (Verdict.SKIPPED,)),
    ("In order", (Verdict.OK,)),
)


@dataclass(frozen=True)
class Row:
    """A line of the check-up as the page shows it."""

    name: str
    verdict: Verdict
    seen: str
    fix: str

    @property
    def icon(self) -> str:
        """A sign for those who see it."""
        return ICONS[self.verdict]

    @property
    def word(self) -> str:
        """The verdict for everybody."""
        return WORDS[self.verdict]

    @property
    def title(self) -> str:
        """The check's name as a heading begins."""
        return self.name[:1].upper() + self.name[1:]


@dataclass(frozen=True)
class Group:
    """Rows under one heading."""

    title: str
    rows: Sequence[Row]


@admin.register(Checkup)
class CheckupAdmin(OperatorsAdmin):
    """One page instead of a list of rows."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("", wrap(self.page), name="kaltura_bridge_checkup_changelist"),
            path("run/", wrap(self.run), name="kaltura_bridge_checkup_run"),
        ]

    def page(self, request: HttpRequest) -> HttpResponse:
        """The last check-up, finished or under way."""
        self.allow(request)
        found = checkups.newest()
        rows = rows_of(found)
        context = {
            "checkup": found,
            "running": checkups.is_running(found),
            "lost": found is not None and checkups.is_lost(found),
            "as_of": since(found.finished_at) if found else "",
            "counts": counted(rows),
            "groups": grouped(rows),
        }
        return render_page(self, request, "doctor", "Check-up of the Kaltura account", context)

    def run(self, request: HttpRequest) -> HttpResponse:
        """Have the worker check anew."""
        self.allow(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not checkups.ask(request.user.pk):
            messages.error(request, NO_WORKER)
        return HttpResponseRedirect(reverse("admin:kaltura_bridge_checkup_changelist"))


def rows_of(checkup: Checkup | None) -> list[Row]:
    """The lines that are known so far."""
    lines = checkup.checks if checkup else []
    return [Row(**line | {"verdict": Verdict(line["verdict"])}) for line in lines]


def grouped(rows: Sequence[Row]) -> list[Group]:
    """Rows under their headings, within each by verdict; empty headings are left out."""
    groups = (
        Group(title, [row for verdict in verdicts for row in rows if row.verdict == verdict])
        for title, verdicts in GROUPS
    )
    return [group for group in groups if group.rows]


def counted(rows: Sequence[Row]) -> str:
    """Such as “1 failed, 2 warnings, 24 in order”."""
    number = Counter(row.verdict for row in rows)
    warnings = "warning" if number[Verdict.WARNING] == 1 else "warnings"
    words = {
        Verdict.FAILED: "failed",
        Verdict.WARNING: warnings,
        Verdict.OK: "in order",
        Verdict.SKIPPED: "not looked at",
    }
    return ", ".join(f"{number[v]} {word}" for v, word in words.items() if number[v])
