"""What was sent to whom, and which addresses take no mail."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from events.admin.filters import EventFilter
from events.admin.generics import ModelAdmin
from events.admin.scope import PlannedAdmin
from events.models import OutgoingMail, RestingAddress
from events.permissions import PLANNERS


@admin.register(OutgoingMail)
class OutgoingMailAdmin(PlannedAdmin):
    """The log of mails. What a mail says may be personal, so only its subject is kept."""

    view_roles = PLANNERS
    goes_along = True
    list_display = (
        "address",
        "kind",
        "sent_to",
        "subject",
        "state",
        "created_at",
        "settled_at",
        "event",
    )
    list_display_links = ("address", "kind")
    list_select_related = ("event", "user")
    list_filter = (EventFilter, "state", "kind")
    search_fields = ("address", "user__name", "user__email")
    search_help_text = _("Name or e-mail address.")
    date_hierarchy = "created_at"
    fields = (
        "address",
        "user",
        "event",
        "kind",
        "sent_to",
        "about",
        "subject",
        "state",
        "reason",
        "created_at",
        "due_at",
        "expires_at",
        "attempts",
        "settled_at",
        "message_id",
    )
    readonly_fields = fields

    @admin.display(description=_("to"), ordering="subscription")
    def sent_to(self, mail: OutgoingMail) -> str:
        """Browsers are told the same as mailboxes, a row for each."""
        return str(_("a browser") if mail.subscription_id else _("a mailbox"))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(RestingAddress)
class RestingAddressAdmin(ModelAdmin):
    """For superusers. An address that is added rests; one that is deleted gets mail again."""

    list_display = ("address", "reason", "since")
    search_fields = ("address",)
    fields = ("address", "reason", "since")
    readonly_fields = ("since",)
