"""What an event chooses about attendance, on its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from analytics.models import PresenceSetting
from events.admin import extensions
from events.models import Event

if TYPE_CHECKING:
    Base = admin.StackedInline[Any, Any]
else:
    Base = admin.StackedInline


class PresenceSettingInline(Base):
    """Whoever may change the event decides whether its pages ask, and what is long enough."""

    model = PresenceSetting
    extra = 1
    can_delete = False
    verbose_name_plural = _("attendance")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_change(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_change(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_change(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def _may_change(self, request: HttpRequest, event: Event | None) -> bool:
        page = self.admin_site.get_model_admin(self.parent_model)
        return page.has_change_permission(request, event)


def register() -> None:
    """Add it to the pages of events."""
    extensions.register_inline(Event, PresenceSettingInline)
