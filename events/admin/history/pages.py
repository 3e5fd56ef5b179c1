"""What an object was, what changed it, and the way back: instead of Django's own history page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Final

from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import get_content_type_for_model
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from events.history.parts import part_named, parts_of
from events.history.recording import histories
from events.history.reverting import CannotPutBack, differs_from_now, put_back, state_at
from events.history.words import ChangedField, NamesInHistory, moment_words
from events.models import Event, ObjectVersion, Track

_PER_PAGE: Final = 30
#: What Django's own log says beside it: exports, mails and other things that are no change.
_LOGGED: Final = 30


@dataclass(frozen=True)
class HistoryLine:
    """A version as the page shows it."""

    version: ObjectVersion
    when: str
    changes: list[ChangedField]

    @property
    def undo(self) -> str:
        """Where the version before is compared with now, with what this one changed ticked."""
        chosen = [("field", change.path) for change in self.changes]
        return f"?{urlencode([('version', self.version.number - 1), *chosen])}"


@dataclass(frozen=True)
class ComparedField:
    """A value then and now, who changed it since, and why it cannot be put back."""

    field: ChangedField
    since: str
    is_chosen: bool
    errors: list[str]


def history_page(
    modeladmin: Any, request: HttpRequest, thing: Any, back: str, *, may_change: bool
) -> HttpResponse:
    """All versions; with ``?version=`` one of them beside what is now. A POST puts back."""
    page = _HistoryPage(modeladmin, request, thing, back, may_change)
    if request.method == "POST":
        return page.put_back()
    return page.compare({}) if "version" in request.GET else page.versions()


class _HistoryPage:
    def __init__(
        self, modeladmin: Any, request: HttpRequest, thing: Any, back: str, may_change: bool
    ) -> None:
        self.modeladmin, self.request, self.thing = modeladmin, request, thing
        self.back, self.may_change = back, may_change
        self.root: type[models.Model] = type(thing)
        self.event: Event = thing if isinstance(thing, Event) else thing.event
        self.history = histories(self.root, [thing.pk]).get(thing.pk)
        self.hidden = {
            part.name
            for part in parts_of(self.root)
            if not _may(request, "change" if part.for_planners else "view", part.guarded_by, thing)
        }

    @property
    def zone(self) -> tzinfo:
        return self.event.zone

    # --- The list -----------------------------------------------------------------------

    def versions(self) -> HttpResponse:
        rows: Any = ObjectVersion.objects.none()
        if self.history is not None:
            rows = self.history.versions.select_related("actor")
        listed = Paginator(rows, _PER_PAGE).get_page(self.request.GET.get("page"))
        seen = [version.changes for version in listed]
        names = self._names(*seen, *({p: new for p, (_old, new) in c.items()} for c in seen))
        context = {
            "page": listed,
            "lines": [self._line(version, names) for version in listed],
            "log": self._log(),
            "tracks": self._tracks(),
            "may_change": self.may_change,
        }
        return self._answer("history", _("History: %(name)s") % {"name": self.thing}, context)

    def _names(self, *states: Mapping[str, Any]) -> NamesInHistory:
        pairs = [
            {path: value[n] for path, value in state.items()}
            for state in states
            for n in (0, 1)
            if all(isinstance(value, list) and len(value) == 2 for value in state.values())
        ]
        return NamesInHistory(self.root, self.zone, pairs, shows_addresses=self.may_change)

    def _line(self, version: ObjectVersion, names: NamesInHistory) -> HistoryLine:
        shown = [
            names.line(path, before, after)
            for path, (before, after) in version.changes.items()
            if path.split("/")[0] not in self.hidden
        ]
        return HistoryLine(version, moment_words(version.happened_at, self.zone), shown)

    def _log(self) -> list[dict[str, Any]]:
        rows = LogEntry.objects.filter(
            object_id=str(self.thing.pk), content_type=get_content_type_for_model(self.root)
        ).select_related("user")
        return [
            {
                "when": moment_words(row.action_time, self.zone),
                "who": row.user,
                "what": row.get_change_message(),
            }
            for row in rows.order_by("-action_time")[:_LOGGED]
            if not self._names_hidden(row)
        ]

    def _names_hidden(self, row: LogEntry) -> bool:
        """Whether Django logged rows of a part that this person does not see, by their names."""
        if not self.hidden or not row.change_message.startswith("["):
            return False
        with override(None):  # As Django writes them.
            kinds = {
                str(part.model._meta.verbose_name)
                for part in parts_of(self.root)
                if part.name in self.hidden
            }
        try:
            logged = json.loads(row.change_message)
        except ValueError:
            return False
        said = [what for each in logged if isinstance(each, dict) for what in each.values()]
        return any(what.get("name") in kinds for what in said if isinstance(what, dict))

    def _tracks(self) -> list[Track]:
        """They have no page of their own; their history is reached from their event's."""
        return list(self.thing.tracks.all()) if isinstance(self.thing, Event) else []

    # --- One version beside now -----------------------------------------------------------

    def compare(
        self, errors: dict[str, list[str]], chosen: list[str] | None = None
    ) -> HttpResponse:
        version = self._version()
        then = state_at(self.history, version.number) if version and self.history else None
        if version is None or then is None:
            messages.warning(self.request, _("What it was then is not known any more."))
            return HttpResponseRedirect(self.request.path)
        assert self.history is not None
        different = {
            path: pair
            for path, pair in differs_from_now(self.thing, then).items()
            if path.split("/")[0] not in self.hidden
        }
        picked = self.request.GET.getlist("field") if chosen is None else chosen
        names = self._names(different)
        since = self._since(version.number)
        fields = [
            ComparedField(
                names.line(path, now, was),
                since.get(path, ""),
                path in picked,
                errors.get(path, []),
            )
            for path, (now, was) in different.items()
        ]
        known = {one.field.path for one in fields}
        context = {
            "version": version,
            "when": moment_words(version.happened_at, self.zone),
            "fields": fields,
            "seen": self.history.number,
            "errors": [t for path, texts in errors.items() if path not in known for t in texts],
            "may_change": self.may_change,
        }
        title = _("As it was: %(name)s") % {"name": self.thing}
        return self._answer("compare", title, context, status=422 if errors else 200)

    def _version(self) -> ObjectVersion | None:
        asked = self.request.POST.get("version") or self.request.GET.get("version", "")
        if self.history is None or not (asked.isascii() and asked.isdigit()):
            return None
        if len(asked) > 9:
            return None
        return self.history.versions.filter(number=int(asked)).select_related("actor").first()

    def _since(self, number: int) -> dict[str, str]:
        """Who last changed which value after this version."""
        assert self.history is not None
        found: dict[str, str] = {}
        later = self.history.versions.filter(number__gt=number).order_by("number")
        for version in later.select_related("actor"):
            who = version.actor or version.get_source_display()
            words = f"{who}, {moment_words(version.happened_at, self.zone)}"
            for path in version.changes:
                found[path] = words
                found["/".join(path.split("/")[:2])] = words
        return found

    # --- Back -----------------------------------------------------------------------------

    def put_back(self) -> HttpResponse:
        version, paths = self._version(), self.request.POST.getlist("field")
        seen = self.request.POST.get("seen", "")
        if version is None or self.history is None:
            messages.warning(self.request, _("What it was then is not known any more."))
            return HttpResponseRedirect(self.request.path)
        for path in paths:
            self._check_may(path.split("/")[0])
        if not paths:
            return self.compare({"": [_("Choose what is to be put back.")]}, [])
        number = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0
        try:
            count = put_back(self.thing, self.history, version, paths, number)
        except CannotPutBack as refused:
            return self.compare(refused.errors, paths)
        text = ngettext("%(n)d value put back.", "%(n)d values put back.", count)
        messages.success(self.request, text % {"n": count})
        return HttpResponseRedirect(self.request.path)

    def _check_may(self, name: str) -> None:
        """Of the team only owners decide, whatever else somebody may change."""
        part = part_named(self.root, name)
        if part is not None and not _may(self.request, "change", part.guarded_by, self.thing):
            raise PermissionDenied(_("You may not change this."))

    def _answer(
        self, template: str, title: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        request: Any = self.request
        request.current_app = self.modeladmin.admin_site.name
        return TemplateResponse(
            request,
            f"admin/events/history/{template}.html",
            {
                **self.modeladmin.admin_site.each_context(request),
                "title": title,
                "subtitle": None,
                "opts": self.modeladmin.opts,
                "object": self.thing,
                "back": self.back,
                "zone": self.event.timezone,
                **context,
            },
            status=status,
        )


def _may(request: HttpRequest, verb: str, model: type[models.Model], thing: Any) -> bool:
    name = f"{model._meta.app_label}.{verb}_{model._meta.model_name}"
    return bool(request.user.has_perm(name, thing))
