"""Everyone sees and changes the events of their teams only, as permissions.py says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.apps import apps
from django.contrib import messages
from django.contrib.auth import get_permission_codename
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from events.admin.extensions import ObjectTool, extensions_of
from events.admin.generics import ModelAdmin
from events.admin.saving import SavesByActions
from events.models import Event, User
from events.permissions import PLANNERS, STAFF, events_for_team

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as StrOrPromise


class RulesPermissions:
    """Permission questions go to the rules, with the object in hand."""

    def _may(self, request: HttpRequest, verb: str, thing: models.Model | None) -> bool:
        opts = self.opts  # type: ignore[attr-defined]
        name = f"{opts.app_label}.{get_permission_codename(verb, opts)}"
        return request.user.has_perm(name, thing)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request, "view", None)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "view", obj) or self._may(request, "change", obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "add", obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "delete", obj)


class TakesAlong(ModelAdmin):
    """Deletes an object with whatever the portal and its apps noted about it."""

    #: Nobody deletes such rows by hand, and they keep nobody from deleting what they are about.
    goes_along = False

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Rows that other apps keep about an object go with it: nobody is asked about them.

        Nor about what the portal notes by itself, such as the mails that it sent. Django would
        ask each row's own admin, and refuse all where that admin is read-only.
        """
        shown, counts, refused, protected = super().get_deleted_objects(objs, request)
        asked = {
            model._meta.verbose_name
            for model in apps.get_app_config("events").get_models()
            if not getattr(self.admin_site._registry.get(model), "goes_along", False)
        }
        return shown, counts, refused & asked, protected


class PlannedAdmin(TakesAlong, RulesPermissions, SavesByActions):
    """What the admins of events and of everything inside them have in common."""

    event_path = "event"  # How to get from a row to its event; "" for the event itself.
    view_roles = STAFF
    list_per_page = 50
    list_select_related: ClassVar[tuple[str, ...]] = ()
    save_on_top = False
    delete_note: StrOrPromise = ""  # What goes along when a row is deleted, and what to do instead.
    object_tools: tuple[ObjectTool, ...] = ()  # Links on a row's page; other apps add theirs.

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows = super().get_queryset(request)
        if self.list_select_related:
            rows = rows.select_related(*self.list_select_related)  # On the object's page too.
        for extend in extensions_of(self.model).querysets:
            rows = extend(rows)
        if request.user.is_superuser:
            return rows
        mine = events_for_team(request.user, self.view_roles).values("pk")
        return rows.filter(**{f"{self.event_path}__in" if self.event_path else "pk__in": mine})

    def changeable(self, request: HttpRequest, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """The rows that this person may change, not only see."""
        mine = events_for_team(request.user, PLANNERS).values("pk")
        return rows.filter(**{f"{self.event_path}__in" if self.event_path else "pk__in": mine})

    # --- The event of the form ----------------------------------------------

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Remember whose form this is: choices and time zones depend on it."""
        found = super().get_object(request, object_id, from_field)
        if found is not None:
            request.planned_event = found if isinstance(found, Event) else found.event  # type: ignore[attr-defined]
        return found

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """On a new page the event is what was chosen, or the only one there is."""
        request.planned_event = SimpleLazyObject(lambda: _chosen_event(request))  # type: ignore[attr-defined]
        return super().add_view(request, form_url, extra_context)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial = super().get_changeform_initial_data(request)
        if self.event_path and (event := form_event(request)):
            initial["event"] = str(event.pk)
        return initial

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "event":
            kwargs["queryset"] = events_for_team(request.user, PLANNERS)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fixed = ("event",) if obj and self.event_path == "event" else ()
        added = extensions_of(self.model).readonly.values() if obj else ()
        return (*super().get_readonly_fields(request, obj), *fixed, *(f for s in added for f in s))

    # --- What other apps add -------------------------------------------------

    def get_list_display(self, request: HttpRequest) -> Any:
        return (*super().get_list_display(request), *extensions_of(self.model).columns)

    def get_list_filter(self, request: HttpRequest) -> Any:
        return (*super().get_list_filter(request), *extensions_of(self.model).filters)

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*super().get_inlines(request, obj), *extensions_of(self.model).inlines)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets: list[Any] = list(super().get_fieldsets(request, obj))
        added = {f for section in extensions_of(self.model).readonly.values() for f in section}
        fieldsets = [
            (name, {**options, "fields": [f for f in options["fields"] if f not in added]})
            for name, options in fieldsets
        ]
        if obj:
            sections = extensions_of(self.model).readonly.items()
            fieldsets += [(name, {"fields": fields}) for name, fields in sections]
        return fieldsets

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        for func in extensions_of(self.model).actions:
            verbs = getattr(func, "allowed_permissions", ["change"])
            if any(getattr(self, f"has_{verb}_permission")(request) for verb in verbs):
                label = getattr(func, "short_description", func.__name__.replace("_", " "))
                limited = func if "view" in verbs else _limited(func)
                actions[func.__name__] = (limited, func.__name__, label)
        return actions

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        thing: Any = kwargs.get("obj")
        context["object_tools"] = [
            {"url": tool.url(thing), "label": tool.label}
            for tool in self._tools(thing)
            if not tool.permission or request.user.has_perm(tool.permission, thing)
        ]
        return super().render_change_form(request, context, *args, **kwargs)

    def _tools(self, thing: Any) -> list[ObjectTool]:
        return [*self.object_tools, *extensions_of(self.model).object_tools] if thing else []


def form_event(request: HttpRequest) -> Event | None:
    """The event of the form that this request shows or sends; None when not chosen yet."""
    event = getattr(request, "planned_event", None)
    return event if event else None


def user_of(request: HttpRequest) -> User:
    """Who uses the admin; it lets in nobody who is not signed in."""
    assert isinstance(request.user, User)
    return request.user


def _chosen_event(request: HttpRequest) -> Event | None:
    mine = events_for_team(request.user, PLANNERS)
    chosen = request.POST.get("event") or request.GET.get("event") or ""
    if chosen:
        return mine.filter(pk=chosen).first() if chosen.isascii() and chosen.isdigit() else None
    found = list(mine[:2])
    return found[0] if len(found) == 1 else None


def _limited(func: Any) -> Any:
    """The action over the rows its user may change; it says how many it left out."""

    def act(modeladmin: PlannedAdmin, request: HttpRequest, queryset: Any) -> Any:
        rows = modeladmin.changeable(request, queryset)
        if left := queryset.count() - rows.count():
            messages.warning(
                request, _("%(left)s skipped: you may see but not change them.") % {"left": left}
            )
        return func(modeladmin, request, rows)

    return act
