"""The page between asking for a move and doing it: what would change, and what to watch for.

A form says what it would do (``make_preview``); the page shows that with a fingerprint.
Confirming sends the fingerprint back, and counts only while the same form on the same
programme still means the same. So nobody confirms what they did not see, and a second
click does nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from django import forms
from django.contrib.admin.helpers import AdminForm
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from events.admin.overlaps import overlaps_after
from events.admin.times import span
from events.i18n.languages import Words
from events.models import Event, Session
from events.moving import Move
from events.templatetags.events_format import dates
from events.zones import offset_label

PREVIEW, CONFIRMED, SHOWN = "preview", "confirmed", "shown"
NAMED = 5


@dataclass(frozen=True)
class PreviewRow:
    """A line of the table: what, when before, when after."""

    name: str
    before: str
    after: str
    note: str = ""


@dataclass(frozen=True)
class MovePreview:
    """What a form would do; ``identity`` is what else a confirmation depends on."""

    summary: str
    rows: list[PreviewRow]
    warnings: list[str]
    moves: list[Move]
    identity: tuple[object, ...] = ()

    @property
    def fingerprint(self) -> str:
        moves = sorted((m.session.pk, m.before, m.after) for m in self.moves)
        return hashlib.sha256(repr((self.identity, moves)).encode()).hexdigest()


class PreviewedForm(forms.Form):
    """A form that says what it would do before it does it."""

    preview: MovePreview | None = None

    def make_preview(self) -> MovePreview:
        """What the cleaned fields would do. Raises ValidationError when they cannot."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            self.preview = self.make_preview()
        return cleaned

    @property
    def is_confirmed(self) -> bool:
        """Whether the person confirmed exactly this."""
        return bool(
            self.is_valid()
            and CONFIRMED in self.data
            and self.preview
            and self.data.get(SHOWN) == self.preview.fingerprint
        )


@dataclass(frozen=True)
class PreviewPage:
    """The words around a previewed form, and where else it leads."""

    title: Words
    intro: Words
    yes: Words
    back: str
    crumbs: list[tuple[str, str]]
    hidden: list[tuple[str, str]] = field(default_factory=list)


def render_preview(
    modeladmin: Any, request: HttpRequest, form: PreviewedForm, page: PreviewPage
) -> TemplateResponse:
    shown: Any = form  # The admin's own form is typed for models; any form is drawn alike.
    names = [name for name in form.fields if not form.fields[name].widget.is_hidden]
    context = {
        **modeladmin.admin_site.each_context(request),
        "title": page.title,
        "page": page,
        "form": form,
        "adminform": AdminForm(shown, [(None, {"fields": names})], {}),
        "preview": form.preview if form.is_bound and form.is_valid() else None,
        "changed_since": CONFIRMED in form.data and form.preview is not None,
        "opts": modeladmin.opts,
    }
    return TemplateResponse(request, "admin/events/preview.html", context)


def day_field(label: Words, **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        **more,
    )


# --- A move in words ---------------------------------------------------------


def row_of(move: Move) -> PreviewRow:
    before, after = (span(times, move.zone) for times in (move.before, move.after))
    return PreviewRow(str(move.session), before, after, move.note)


def rows_of_event(event: Event, moved: Event, moves: list[Move]) -> list[PreviewRow]:
    """The event's days, its first session and its last one; their notes are warnings."""
    rows = [PreviewRow(_("The event"), dates(event), dates(moved))]
    if moves:
        first = min(moves, key=lambda move: move.before.starts_at)
        last = max(moves, key=lambda move: move.before.ends_at)
        for text, move in (
            (_("First session: %(session)s"), first),
            (_("Last session: %(session)s"), last),
        ):
            rows.append(replace(row_of(move), name=text % {"session": move.session}, note=""))
    return rows


_COUNTED: Final = {
    "session": ngettext_lazy("%(n)d session", "%(n)d sessions", "n"),
    "cancelled session": ngettext_lazy("%(n)d cancelled session", "%(n)d cancelled sessions", "n"),
    "track": ngettext_lazy("%(n)d track", "%(n)d tracks", "n"),
    "speaker": ngettext_lazy("%(n)d speaker", "%(n)d speakers", "n"),
    "day": ngettext_lazy("%(n)d day", "%(n)d days", "n"),
}


def counted(count: int, noun: str) -> str:
    """ "2 sessions": ``noun`` is one of those in ``_COUNTED``."""
    return str(_COUNTED[noun] % {"n": count})


def clock_warnings(moves: list[Move]) -> Iterator[str]:
    """One sentence for each zone in which the clocks change between before and after."""
    told: dict[tuple[str, str, str], int] = {}
    for move in moves:
        local = (t.starts_at.astimezone(move.zone) for t in (move.before, move.after))
        before, after = (offset_label(moment) for moment in local)
        if before != after:
            key = (move.zone.key, before, after)
            told[key] = told.get(key, 0) + 1
    for (zone, before, after), count in told.items():
        text = ngettext(
            "The clocks change in between: %(zone)s is %(before)s before and %(after)s after. "
            "%(n)d session keeps the time of day there, but will be at another hour in other time "
            "zones.",
            "The clocks change in between: %(zone)s is %(before)s before and %(after)s after. "
            "%(n)d sessions keep the time of day there, but will be at another hour in other time "
            "zones.",
            count,
        )
        yield text % {"zone": zone, "before": before, "after": after, "n": count}


def note_warnings(moves: list[Move]) -> Iterator[str]:
    """What is odd about single sessions, by name."""
    return (f"“{move.session}”: {move.note}" for move in moves if move.note)


def begun_warnings(moves: list[Move]) -> Iterator[str]:
    now = timezone.now()
    begun = [m.session for m in moves if m.changes and m.before.starts_at <= now]
    if begun:
        yield _("Already started: %(named)s.") % {"named": named(begun)}


def outside_warnings(moves: list[Move]) -> Iterator[str]:
    """Sessions that would not be in the days of their event."""
    outside: dict[Event, list[Session]] = {}
    for move in moves:
        event = move.session.event
        if (
            not event.starts_on
            <= move.after.starts_at.astimezone(move.zone).date()
            <= event.ends_on
        ):
            outside.setdefault(event, []).append(move.session)
    for event, sessions in outside.items():
        yield _("Outside the days of “%(event)s” (%(dates)s): %(named)s.") % {
            "event": event,
            "dates": dates(event),
            "named": named(sessions),
        }


def named(sessions: list[Session]) -> str:
    """The first few by name, the rest by number."""
    names = ", ".join(f"“{session}”" for session in sessions[:NAMED])
    if len(sessions) <= NAMED:
        return names
    return _("%(names)s and %(n)d more") % {"names": names, "n": len(sessions) - NAMED}


WarningKind = Callable[[list[Move]], Iterator[str]]
COPY_WARNINGS: tuple[WarningKind, ...] = (clock_warnings, note_warnings)
EVENT_WARNINGS: tuple[WarningKind, ...] = (*COPY_WARNINGS, begun_warnings)
# Where sessions are listed, each row shows its own note.
SESSION_WARNINGS: tuple[WarningKind, ...] = (
    clock_warnings,
    begun_warnings,
    outside_warnings,
    overlaps_after,
)


def warnings_of(moves: list[Move], kinds: tuple[WarningKind, ...]) -> list[str]:
    return [sentence for kind in kinds for sentence in kind(moves)]
