"""In which event's workspace a page of the admin stands, and what the workspace shows there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from events.desk.sections import Section, WorkspacePage, page_at, page_of, pages_for
from events.i18n.languages import Words
from events.models import Event
from events.permissions import HOLDERS, events_for_team, roles_of

#: What pages call the thing that they are about, in the order in which they are asked.
_ABOUT: Final = ("event", "original", "object", "session", "registration", "speaker", "target")
#: How lists are narrowed to one event: the parameter, and the event's field in it.
_FILTERS: Final = (("event", "pk"), ("event__id__exact", "pk"), ("event_uuid__exact", "uuid"))
#: Ways from a row to what it is about.
_HOLDERS: Final = (*HOLDERS, "run")
_OTHERS: Final = 12
#: Django's own pages of a row or a list: they say themselves nothing of the event.
_STOCK: Final = ("_changelist", "_add", "_change", "_delete", "_history")
_OVERVIEW: Final = page_of("admin:events_event_overview")


@dataclass(frozen=True)
class Link:
    """Somewhere to go; ``is_here`` when the person is there already."""

    label: Words
    url: str
    is_here: bool = False


@dataclass(frozen=True)
class Workspace:
    """The frame around every page of one event."""

    event: Event
    section: Section | None
    sections: list[Link]
    pages: list[Link]  # Of the section where the person is, if there are several.
    others: list[Link]  # The same page of other events, or their overview.
    crumbs: list[Link]  # Only for Django's own pages, which do not know of events.

    @property
    def here(self) -> Words:
        return self.section.label if self.section else ""

    @property
    def overview_url(self) -> str:
        return _OVERVIEW(self.event)


def workspace_of(request: HttpRequest, context: Mapping[str, Any]) -> Workspace | None:
    """The workspace that a page stands in; None for a page about several events or none."""
    user: Any = request.user
    if not (user.is_authenticated and user.is_staff):
        return None
    event = _event_of_page(request, context)
    if event is None or not (user.is_superuser or event.pk in roles_of(user)):
        return None
    match = request.resolver_match
    url_name = (match.url_name if match else "") or ""
    page = page_at(url_name)
    pages = pages_for(user, event)
    return Workspace(
        event=event,
        section=page.section if page else None,
        sections=list(_sections(event, pages, page)),
        pages=_pages_beside(event, pages, page),
        others=list(_other_events(user, event, page)),
        crumbs=list(_crumbs(context, event, page, url_name)),
    )


def _sections(
    event: Event, pages: list[WorkspacePage], here: WorkspacePage | None
) -> Iterator[Link]:
    """Each leads to the first of its pages that the person may open."""
    first: dict[Section, WorkspacePage] = {}
    for page in pages:
        first.setdefault(page.section, page)
    for section, page in first.items():
        yield Link(section.label, page.address(event), here is not None and here.section is section)


def _pages_beside(
    event: Event, pages: list[WorkspacePage], here: WorkspacePage | None
) -> list[Link]:
    if here is None:
        return []
    found = [page for page in pages if page.section is here.section]
    return [Link(p.label, p.address(event), p == here) for p in found] if len(found) > 1 else []


def _other_events(user: Any, event: Event, page: WorkspacePage | None) -> Iterator[Link]:
    """Those that end last come first; the page is kept where the person may open it there."""
    mine = events_for_team(user).exclude(pk=event.pk).order_by("-ends_on", "title")
    for other in mine.only("pk", "uuid", "slug", "title")[:_OTHERS]:
        kept = page is not None and user.has_perm(page.permission, other)
        yield Link(other.title, page.address(other) if page and kept else _OVERVIEW(other))


def _crumbs(
    context: Mapping[str, Any], event: Event, page: WorkspacePage | None, url_name: str
) -> Iterator[Link]:
    """Home, the event, the page, and the row with what is done to it."""
    if page is None or not url_name.endswith(_STOCK):
        return
    yield Link(event.title, _OVERVIEW(event))
    row = context.get("original") or context.get("object")
    kind = next(end for end in _STOCK if url_name.endswith(end))
    is_root = kind == "_changelist" or (kind == "_change" and isinstance(row, Event))
    yield Link(page.label, page.address(event), is_root)
    if is_root:
        return
    if row is not None and not isinstance(row, Event):
        yield Link(str(row), _form_of(row, url_name.removesuffix(kind)), kind == "_change")
    if kind != "_change":
        yield Link(context.get("title", ""), "", True)


def _form_of(row: Any, page: str) -> str:
    """Where the row is edited; "" for a part of another's form, such as a track."""
    try:
        return reverse(f"admin:{page}_change", args=[row.pk])
    except NoReverseMatch:
        return ""


def _event_of_page(request: HttpRequest, context: Mapping[str, Any]) -> Event | None:
    for name in _ABOUT:
        if (event := event_behind(context.get(name))) is not None:
            return event
    if "cl" in context:
        return _filtered(request)
    planned = getattr(request, "planned_event", None)
    return planned if planned else None


def event_behind(thing: Any) -> Event | None:
    """The event that a row is about, by itself, its holder or the id that it keeps."""
    if isinstance(thing, Event):
        return thing
    try:
        if isinstance(found := getattr(thing, "event", None), Event):
            return found
        if uuid := getattr(thing, "event_uuid", None):
            return Event.objects.filter(uuid=uuid).first()
        holders = [getattr(thing, name, None) for name in _HOLDERS]
    except ObjectDoesNotExist:
        return None
    return next((e for each in holders if each and (e := event_behind(each))), None)


def _filtered(request: HttpRequest) -> Event | None:
    """The event that a list is narrowed to."""
    for parameter, field in _FILTERS:
        if value := request.GET.get(parameter, ""):
            try:
                return events_for_team(request.user).filter(**{field: value}).first()
            except (ValueError, ValidationError, OverflowError):
                return None
    return None
