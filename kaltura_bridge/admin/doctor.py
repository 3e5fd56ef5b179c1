"""The doctor's page in the admin: the last check-up, and a button to run the checks again.

The account belongs to all events, so the page is for superusers. The checks run in the
worker; the page shows each line as soon as it is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.i18n.languages import Words
from kaltura_bridge.admin.base import NO_WORKER, SuperuserAdmin, render_page
from kaltura_bridge.doctor import CheckVerdict, checkups
from kaltura_bridge.labels import since
from kaltura_bridge.models import Checkup

ICONS: Final = {
    CheckVerdict.FAILED: "✗",
    CheckVerdict.WARNING: "!",
    CheckVerdict.OK: "✓",
    CheckVerdict.SKIPPED: "–",
}
WORDS: Final = {
    CheckVerdict.FAILED: gettext_lazy("Failed"),
    CheckVerdict.WARNING: gettext_lazy("Warning"),
    CheckVerdict.OK: "OK",
    CheckVerdict.SKIPPED: gettext_lazy("Skipped"),
}
# The page's headings, the most urgent first.
GROUPS: Final = (
    (gettext_lazy("Needs attention"), (CheckVerdict.FAILED, CheckVerdict.WARNING)),
    (gettext_lazy("Skipped"), (CheckVerdict.SKIPPED,)),
    ("OK", (CheckVerdict.OK,)),
)


@dataclass(frozen=True)
class DoctorRow:
    """A line of the check-up as the page shows it."""

    name: str
    verdict: CheckVerdict
    seen: str
    fix: str

    @property
    def icon(self) -> str:
        """For those who see it; screen readers get the word."""
        return ICONS[self.verdict]

    @property
    def word(self) -> str:
        """The verdict in a word."""
        return str(WORDS[self.verdict])

    @property
    def title(self) -> str:
        """The check's name, as a heading."""
        return self.name[:1].upper() + self.name[1:]


@dataclass(frozen=True)
class DoctorGroup:
    """Rows under one heading."""

    title: Words
    rows: Sequence[DoctorRow]


@admin.register(Checkup)
class CheckupAdmin(SuperuserAdmin):
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
        found = checkups.latest()
        rows = rows_of(found)
        context = {
            "checkup": found,
            "running": checkups.is_running(found),
            "lost": found is not None and checkups.is_lost(found),
            "as_of": since(found.finished_at) if found else "",
            "counts": counted(rows),
            "groups": grouped(rows),
        }
        return render_page(self, request, "doctor", _("Kaltura account check-up"), context)

    def run(self, request: HttpRequest) -> HttpResponse:
        """Have the worker run the checks."""
        self.allow(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not checkups.request_checkup(request.user.pk):
            messages.error(request, NO_WORKER)
        return HttpResponseRedirect(reverse("admin:kaltura_bridge_checkup_changelist"))


def rows_of(checkup: Checkup | None) -> list[DoctorRow]:
    """The lines that are known so far."""
    lines = checkup.checks if checkup else []
    return [DoctorRow(**line | {"verdict": CheckVerdict(line["verdict"])}) for line in lines]


def grouped(rows: Sequence[DoctorRow]) -> list[DoctorGroup]:
    """Rows under their headings, within each by verdict; empty headings are left out."""
    groups = (
        DoctorGroup(title, [row for verdict in verdicts for row in rows if row.verdict == verdict])
        for title, verdicts in GROUPS
    )
    return [group for group in groups if group.rows]


def counted(rows: Sequence[DoctorRow]) -> str:
    """Such as “1 failed, 2 warnings, 24 OK, 1 skipped”."""
    number = Counter(row.verdict for row in rows)
    warnings = "warning" if number[CheckVerdict.WARNING] == 1 else "warnings"
    words = {
        CheckVerdict.FAILED: "failed",
        CheckVerdict.WARNING: warnings,
        CheckVerdict.OK: "OK",
        CheckVerdict.SKIPPED: "skipped",
    }
    return ", ".join(f"{number[v]} {word}" for v, word in words.items() if number[v])
