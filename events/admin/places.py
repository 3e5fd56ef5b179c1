"""Who waits for a place at an event, and who has one in a session, or waits for it."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from events.admin.filters import EventFilter
from events.admin.scope import PlannedAdmin
from events.models import SessionPlace, WaitingListEntry
from events.permissions import PLANNERS
from events.registration.places import settle


class PlacesAdmin(PlannedAdmin):
    """A list to look at and to take people off; who comes in is decided by who came first."""

    view_roles = PLANNERS
    search_fields: ClassVar[tuple[str, ...]] = ("user__name", "user__email")
    search_help_text = _("Name or e-mail address.")

    @admin.display(description=_("name"), ordering="user__name")
    def person(self, row: Any) -> str:
        return str(row.user)

    @admin.display(description=_("e-mail address"), ordering="user__email")
    def email(self, row: Any) -> str:
        return str(row.user.email)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        """Back to the list; Django sends whoever may not change rows to the front page."""
        response = super().response_delete(request, obj_display, obj_id)
        is_popup = response.status_code != 302
        return response if is_popup else redirect(f"admin:events_{self.opts.model_name}_changelist")

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        transaction.on_commit(partial(settle, obj.event))


@admin.register(WaitingListEntry)
class WaitingListAdmin(PlacesAdmin):
    list_display = ("person", "email", "event", "joined_at")
    list_select_related = ("event", "user")
    list_filter = (EventFilter,)
    fields = ("event", "user", "joined_at")
    delete_note = _("They are not told. To let somebody in, add a registration for them.")


@admin.register(SessionPlace)
class SessionPlaceAdmin(PlacesAdmin):
    event_path = "session__event"
    list_display = ("person", "email", "session", "asked_at", "taken_at")
    list_select_related = ("session__event", "user")
    list_filter = (("taken_at", admin.EmptyFieldListFilter),)
    search_fields: ClassVar[tuple[str, ...]] = (
        "user__name",
        "user__email",
        "session__title",
    )
    fields = ("session", "user", "asked_at", "taken_at")
    delete_note = _("They are not told, and whoever waits longest moves up.")
