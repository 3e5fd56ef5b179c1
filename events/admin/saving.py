"""The admin writes through the same door as everybody else (events/actions.py)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from events.actions import DomainObject, delete_planned, save_planned
from events.admin.editing.page import MergesEdits
from events.changes import changes
from events.drafts.gathering import what_gathers


@contextmanager
def says_what_waits(request: HttpRequest) -> Iterator[None]:
    """Tell the person when something of what they did is not public yet."""
    with what_gathers() as events:
        yield
    for event in events.values():
        url = reverse("admin:events_event_unreleased", args=[event.pk])
        text = _("Not public yet: changes of “{}” wait until they are released. {}")
        link = format_html('<a href="{}">{}</a>', url, _("Review"))
        messages.info(request, format_html(text, event.title, link))


class SavesByActions(MergesEdits):
    """What a form changes, inlines of other apps included, is told once and saved as a whole."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        with changes() if request.method == "POST" else nullcontext(), says_what_waits(request):
            return super().changeform_view(request, object_id, form_url, extra_context)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        with says_what_waits(request):
            return super().changelist_view(request, extra_context)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        with says_what_waits(request):
            return super().delete_view(request, object_id, extra_context)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        save_planned(obj, checked=True)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        delete_planned(obj)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        delete_planned(queryset)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        if not issubclass(formset.model, DomainObject):
            super().save_formset(request, form, formset, change)
            return
        things = formset.save(commit=False)
        for thing in formset.deleted_objects:
            delete_planned(thing)
        for thing in things:
            save_planned(thing, checked=True)
        formset.save_m2m()
