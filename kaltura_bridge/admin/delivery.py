"""The section Delivery on the pages of events and sessions; the events app knows nothing of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.forms import Script
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from events.admin import extensions
from events.i18n.languages import Words
from events.models import Event, Session
from kaltura_bridge.delivery.forms import DeliveryFormSet, EventDeliveryForm, SessionDeliveryForm
from kaltura_bridge.models import EventDelivery, SessionDelivery

if TYPE_CHECKING:
    Base = admin.StackedInline[Any, Any]
else:
    Base = admin.StackedInline


def register() -> None:
    """Add the section to the pages of events and sessions."""
    extensions.register_inline(Event, EventDeliveryInline)
    extensions.register_inline(Session, SessionDeliveryInline)


class _DeliveryInline(Base):
    """Whoever may change the event or session may see and change its delivery."""

    template = "kaltura_bridge/admin/delivery.html"
    formset = DeliveryFormSet
    exclude = ("room_tags",)
    extra = 1
    can_delete = False
    intro: Words = ""
    asks_type = False

    class Media:
        css = {"all": ["kaltura_bridge/delivery.css"]}
        js = [Script("kaltura_bridge/delivery.js", defer=True)]

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """A formset that can tell the person what it did not save."""
        formset = super().get_formset(request, obj, **kwargs)
        return type("DeliveryFormSet", (formset,), {"request": request})

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_change(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_change(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_change(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def _may_change(self, request: HttpRequest, planned: Event | Session | None) -> bool:
        page = self.admin_site.get_model_admin(self.parent_model)
        return page.has_change_permission(request, planned)


class EventDeliveryInline(_DeliveryInline):
    """The defaults of an event."""

    model = EventDelivery
    form = EventDeliveryForm
    intro = _(
        "Defaults for all sessions of this event. Each session can override them on its own page."
    )


class SessionDeliveryInline(_DeliveryInline):
    """What a session overrides. Its page hides what does not apply to the chosen type."""

    model = SessionDelivery
    form = SessionDeliveryForm
    asks_type = True
    intro = _("What is not set here is the same as for the event.")
