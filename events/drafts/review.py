"""The page on which managers see what waits, and release or discard it; and that of releases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from events.actions import NotAllowed
from events.admin.scope import user_of
from events.drafts.reading import diff_of, kept_rows
from events.drafts.release import release
from events.drafts.waiting import (
    discard,
    fingerprint,
    fingerprint_of,
    keep_ours,
    objects_of,
    problems_of,
    waiting,
    without_orphans,
)
from events.models import Event, UnreleasedChange
from events.models.fields import LineInput
from events.planner.conflicts import PlanConflict, conflicts
from events.planner.reading import read_both


class ReleaseForm(forms.Form):
    """What a release is called in the list of releases."""

    name = LineInput(label=gettext_lazy("Name"), max_length=120, required=False)


@dataclass(frozen=True)
class Wanted:
    """What somebody does on the page: to all, to some, or to one."""

    verb: str
    picked: list[int] | None
    seen: str

    @classmethod
    def of(cls, request: HttpRequest) -> Wanted:
        """What the button says: ``release:all``, ``discard:picked``, or of one by its key."""
        verb, _colon, what = request.POST.get("do", "").partition(":")
        if what == "all":
            return cls(verb, None, request.POST.get("seen", ""))
        asked = request.POST.getlist("pick") if what == "picked" else [what]
        picked = [int(pk) for pk in asked if pk.isascii() and pk.isdecimal() and len(pk) < 15]
        saw = {pk: request.POST.get(f"saw-{pk}", "") for pk in picked}
        return cls(verb, picked, fingerprint_of(saw))


def review_page(modeladmin: Any, request: HttpRequest, event: Event) -> HttpResponse:
    """All that waits: what it is, what stands against it, and what it would bring."""
    form = ReleaseForm(request.POST or None)
    if request.method == "POST" and _is_done(modeladmin, request, event, form):
        return redirect("admin:events_event_unreleased", event.pk)
    rows = list(waiting(event).select_related("changed_by"))
    written = without_orphans(rows)
    problems = problems_of(written, objects_of(written)) if written else []
    context = {
        "title": _("Unreleased changes of “%(event)s”") % {"event": event},
        "form": form,
        "lists_changes": True,
        "objects": diff_of(event, rows, problems),
        "count": len(rows),
        "problems": problems,
        "seen": fingerprint(rows),
        "conflicts": _new_conflicts(event, rows),
        "releases": event.releases.all()[:5],
    }
    return _page(modeladmin, request, event, "review.html", context)


def _is_done(modeladmin: Any, request: HttpRequest, event: Event, form: ReleaseForm) -> bool:
    """Whether something was done, so that the page is to be shown anew."""
    wanted = Wanted.of(request)
    if wanted.picked is not None and not wanted.picked:
        messages.error(request, _("Choose the changes first."))
        return True
    if wanted.verb == "discard":
        _discard(request, event, wanted)
    elif wanted.verb == "keep" and wanted.picked:
        keep_ours(event, wanted.picked)
        messages.success(request, _("The change stays, and will replace what is public now."))
    elif wanted.verb == "release":
        if not form.is_valid():
            return False
        _release(modeladmin, request, event, wanted, form.cleaned_data["name"])
    return True


def _discard(request: HttpRequest, event: Event, wanted: Wanted) -> None:
    # Only what the person saw: what others added since is theirs.
    rows = list(waiting(event, wanted.picked))
    if wanted.seen != fingerprint(rows):
        messages.error(request, _("The changes are not those that you saw. Look at them again."))
        return
    count = discard(event, [row.pk for row in rows])
    text = ngettext("%(n)d change discarded.", "%(n)d changes discarded.", count)
    messages.success(request, text % {"n": count})


def _release(
    modeladmin: Any, request: HttpRequest, event: Event, wanted: Wanted, name: str
) -> None:
    try:
        made = release(event, user_of(request), name, picked=wanted.picked, seen=wanted.seen)
    except NotAllowed as error:
        messages.error(request, _("Nothing was released. %(reason)s") % {"reason": error})
        return
    count = len(made.changes)
    text = ngettext(
        "%(release)s: %(n)d change is public now.",
        "%(release)s: %(n)d changes are public now.",
        count,
    )
    modeladmin.log_change(request, event, f"{made}, {count} released.")
    messages.success(request, text % {"release": made, "n": count})


def _new_conflicts(event: Event, rows: list[UnreleasedChange]) -> list[PlanConflict]:
    """What would be in the way once all of it is released, and is not now."""
    if not any(row.model in ("session", "sessionspeaker") for row in rows):
        return []
    released, meant = read_both(event)
    known = {each.identity for each in conflicts(released)}
    return [each for each in conflicts(meant) if each.identity not in known]


def releases_page(modeladmin: Any, request: HttpRequest, event: Event) -> HttpResponse:
    """All releases of the event, the latest first."""
    releases = event.releases.select_related("made_by")
    context = {
        "title": _("Releases of “%(event)s”") % {"event": event},
        "releases": [(made, len(made.changes)) for made in releases[:200]],
    }
    return _page(modeladmin, request, event, "releases.html", context)


def release_page(modeladmin: Any, request: HttpRequest, event: Event, number: int) -> HttpResponse:
    """What one release made public."""
    made = event.releases.select_related("made_by").filter(number=number).first()
    if made is None:
        raise Http404("There is no such release.")
    context = {
        "title": str(made),
        "made": made,
        "objects": diff_of(event, kept_rows(made.changes)),
    }
    return _page(modeladmin, request, event, "release.html", context)


def _page(
    modeladmin: Any, request: HttpRequest, event: Event, name: str, context: dict[str, Any]
) -> HttpResponse:
    context = {
        **modeladmin.admin_site.each_context(request),
        **context,
        "event": event,
        "opts": modeladmin.opts,
        "address": reverse("admin:events_event_unreleased", args=[event.pk]),
    }
    return TemplateResponse(request, f"admin/events/drafts/{name}", context)


#: What follows the name and the address of an event, and what answers there.
DRAFT_PAGES: Final[tuple[tuple[str, str, Callable[..., HttpResponse]], ...]] = (
    ("unreleased", "unreleased/", review_page),
    ("releases", "releases/", releases_page),
    ("release", "releases/<int:number>/", release_page),
)
