"""The admin itself: Django's, with its one door to other pages closed to strangers.

It imports no admin of ours: Django makes the site while the first of them is imported.
"""

from __future__ import annotations

from functools import wraps
from typing import Any, Final

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.contenttypes.models import ContentType
from django.contrib.contenttypes.views import shortcut
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db.models.base import ModelBase
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path

from portal.admin_guard import GuardedAdmin

# Keys, secrets and logins: nothing in them is for the eyes of people.
_WITHOUT_PAGES: Final = frozenset({"mfa", "socialaccount", "usersessions"})


class PortalAdminSite(AdminSite):
    """Its "view on site" leads to what the person may see in the admin, and to nothing else.

    Django redirects every staff account to the address of any row, and so tells the slugs in
    it: django/contrib/contenttypes/views.py asks for no permission.

    Its lists and forms are guarded (admin_guard.py), whoever registers them.
    """

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Django's, with the guard mixed in; allauth's secrets get no page."""
        one = isinstance(model_or_iterable, ModelBase)
        models = [model_or_iterable] if one else list(model_or_iterable)
        shown = [model for model in models if model._meta.app_label not in _WITHOUT_PAGES]
        own = admin_class or ModelAdmin
        guarded = type(own.__name__, (GuardedAdmin, own), {"__module__": own.__module__})
        super().register(shown, guarded, **options)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Django's, with this door in the place of its own."""
        door = path(
            "r/<path:content_type_id>/<path:object_id>/",
            self.admin_view(self.view_on_site),
            name="view_on_site",
        )
        return [
            door if isinstance(each, URLPattern) and each.name == door.name else each
            for each in super().get_urls()
        ]

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Django's; a history that somebody may not read tells nothing of what there is.

        Django's own says first whether the row exists, and then whether they may read on.
        """
        model_admin = getattr(view, "__self__", None)
        if getattr(view, "__name__", "") != "history_view" or model_admin is None:
            return super().admin_view(view, cacheable)

        @wraps(view)
        def permitted_first(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not model_admin.has_view_or_change_permission(request):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return super().admin_view(permitted_first, cacheable)

    def view_on_site(
        self, request: HttpRequest, content_type_id: str, object_id: str
    ) -> HttpResponse:
        """Redirect to the page of a row; 404 alike for what is not there and not theirs."""
        if not self._may_view(request, content_type_id, object_id):
            raise Http404("There is no such page.")
        return shortcut(request, content_type_id, object_id)

    def _may_view(self, request: HttpRequest, content_type_id: str, object_id: str) -> bool:
        """Whether the row stands in a list of the admin that this person may open."""
        try:
            model = ContentType.objects.get(pk=content_type_id).model_class()
        except (ObjectDoesNotExist, ValueError):
            return False
        if model is None or not self.is_registered(model):
            return False
        model_admin = self.get_model_admin(model)
        row = model_admin.get_object(request, object_id)
        return row is not None and model_admin.has_view_permission(request, row)
