"""Where other apps add to the events' admin without the events knowing them.

An app calls these from its ``AppConfig.ready``; the admin asks at each request, so
the order of the apps does not matter:

    register_column(Session, sync_column, "Kaltura", ordering="sync_state")
    register_readonly(Session, sync_panel, "Sync state", section="Kaltura")
    register_action(Session, sync_now)
    register_object_tool(
        Session, "admin:analytics_session_report", "Attendance", "events.view_report"
    )
    register_filter(Session, SyncStateFilter)
    register_inline(Session, SessionDeliveryInline)
    register_queryset(Session, with_sync_state)
    register_delete_note(Session, "Its attendance reports are deleted too: export them first.")

Columns and read-only fields get the object and return text (or ``format_html``).
What they read must come with ``register_queryset``, or lists cost a query a row.
Actions are Django's: ``func(modeladmin, request, queryset)``; the queryset holds only
rows that the person may change, unless the action says ``allowed_permissions = ["view"]``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin
from django.db import models
from django.urls import reverse

from events.i18n.languages import Words

Shown = Callable[[Any], object]


@dataclass(frozen=True)
class ObjectTool:
    """A link beside History on an object's page, for those with the permission."""

    url_name: str
    label: Words
    permission: str = ""
    args: Callable[[Any], list[Any]] = field(default=lambda thing: [thing.pk])

    def url(self, thing: models.Model) -> str:
        return reverse(self.url_name, args=self.args(thing))


@dataclass
class Extensions:
    """All that other apps have added to one model's admin."""

    columns: list[Callable[..., object]] = field(default_factory=list)
    readonly: dict[str, list[Callable[..., object]]] = field(default_factory=dict)
    actions: list[Callable[..., Any]] = field(default_factory=list)
    object_tools: list[ObjectTool] = field(default_factory=list)
    filters: list[Any] = field(default_factory=list)
    inlines: list[type[Any]] = field(default_factory=list)
    querysets: list[Callable[[Any], Any]] = field(default_factory=list)
    delete_notes: list[Words] = field(default_factory=list)


_extensions: dict[type[models.Model], Extensions] = defaultdict(Extensions)


def extensions_of(model: type[models.Model]) -> Extensions:
    return _extensions[model]


def register_column(
    model: type[models.Model], func: Shown, label: Words, ordering: str | None = None
) -> None:
    """Add a column to the list."""
    _extensions[model].columns.append(_labelled(func, label, ordering))


def register_readonly(model: type[models.Model], func: Shown, label: Words, section: str) -> None:
    """Add a read-only field to the object's page, under a heading."""
    fields = _extensions[model].readonly.setdefault(section, [])
    fields.append(_labelled(func, label))


def register_action(model: type[models.Model], func: Callable[..., Any]) -> None:
    """Add a bulk action to the list; ``func.short_description`` is what people choose."""
    _extensions[model].actions.append(func)


def register_object_tool(
    model: type[models.Model],
    url_name: str,
    label: Words,
    permission: str = "",
    args: Callable[[Any], list[Any]] = lambda thing: [thing.pk],
) -> None:
    """Add a link to the object's page; the URL takes the object's primary key, or ``args``."""
    _extensions[model].object_tools.append(ObjectTool(url_name, label, permission, args))


def register_filter(model: type[models.Model], list_filter: Any) -> None:
    _extensions[model].filters.append(list_filter)


def register_inline(model: type[models.Model], inline_class: type[Any]) -> None:
    """Add a section of fields of the app's own to the object's page, after the others."""
    _extensions[model].inlines.append(inline_class)


def register_queryset(model: type[models.Model], func: Callable[[Any], Any]) -> None:
    """Fetch what columns and fields need together with the rows."""
    _extensions[model].querysets.append(func)


def register_delete_note(model: type[models.Model], sentence: Words) -> None:
    """Say on the confirmation page what else goes with the object."""
    _extensions[model].delete_notes.append(sentence)


def _labelled(func: Shown, label: Words, ordering: str | None = None) -> Callable[..., object]:
    """A callable of its own, so that one function may stand in two places."""

    def shown(thing: Any) -> object:
        return func(thing)

    shown.__name__ = getattr(func, "__name__", "shown")
    return admin.display(description=label, ordering=ordering, empty_value="–")(shown)
