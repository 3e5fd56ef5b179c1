"""The admin writes through the same door as everybody else (events/actions.py)."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse

from events.actions import DomainObject, delete_planned, save_planned
from events.admin.generics import ModelAdmin
from events.changes import changes


class SavesByActions(ModelAdmin):
    """What a form changes, inlines of other apps included, is told once and saved as a whole."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        with changes() if request.method == "POST" else nullcontext():
            return super().changeform_view(request, object_id, form_url, extra_context)

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
