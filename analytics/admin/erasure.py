"""Erasing a person, and the receipts of that: for administrators of the portal."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.models import ErasureReceipt, KalturaErasure
from analytics.privacy.erasing import CannotErase, erase_person
from events.models import User


@admin.register(ErasureReceipt)
class ErasureReceiptAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """That people were erased: when, which rows, and what Kaltura answered."""

    list_display = ("number", "asked_at", "asked_by", "by_themselves", "kaltura_state")
    list_filter = ("kaltura_state", "by_themselves")
    date_hierarchy = "asked_at"
    actions = ("ask_again",)

    def get_urls(self) -> list[URLPattern]:
        """The page that erases somebody comes first."""
        view = self.admin_site.admin_view(self.erase_view)
        own = path("people/<int:pk>/erase/", view, name="analytics_erase_person")
        return [own, *super().get_urls()]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description=gettext_lazy("Ask Kaltura again"), permissions=["view"])
    def ask_again(self, request: HttpRequest, receipts: QuerySet[ErasureReceipt]) -> None:
        """What Kaltura refused is asked again, by the next run of the task."""
        refused = receipts.filter(kaltura_state=KalturaErasure.REFUSED)
        number = refused.update(kaltura_state=KalturaErasure.WAITING, next_try_at=timezone.now())
        messages.success(request, _("%(number)d are asked again.") % {"number": number})

    def erase_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Says what erasing means, and does it when somebody confirms."""
        if not request.user.is_superuser:
            raise PermissionDenied
        user = get_object_or_404(User, pk=pk)
        if request.method == "POST":
            actor: Any = request.user
            try:
                receipt = erase_person(user, actor)
            except CannotErase as error:
                messages.error(request, str(error))
            else:
                messages.success(request, _("Erased. This is the receipt."))
                return redirect("admin:analytics_erasurereceipt_change", receipt.pk)
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Erase %(person)s") % {"person": user},
            "person": user,
        }
        return TemplateResponse(request, "analytics/erase_person.html", context)
