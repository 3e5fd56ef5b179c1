"""What the Kaltura pages of the admin have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.i18n.languages import Words

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = admin.ModelAdmin

NO_WORKER: Final = gettext_lazy(
    "The background worker cannot be reached. Nothing was changed. Try again soon."
)


def render_page(
    modeladmin: Base, request: HttpRequest, template: str, title: Words, context: dict[str, Any]
) -> TemplateResponse:
    """A page of ours in the admin's frame; ``template`` is a name in kaltura_bridge/admin."""
    frame = {**modeladmin.admin_site.each_context(request), "opts": modeladmin.opts}
    return TemplateResponse(
        request, f"kaltura_bridge/admin/{template}.html", {**frame, "title": title, **context}
    )


class ReadOnlyAdmin(Base):
    """Rows that only the portal adds, changes and deletes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SuperuserAdmin(ReadOnlyAdmin):
    """Pages about the whole account, for superusers."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def allow(self, request: HttpRequest) -> None:
        """Raise PermissionDenied for everybody else."""
        if not self.has_view_permission(request):
            raise PermissionDenied(_("This page is for administrators of the Kaltura account."))
