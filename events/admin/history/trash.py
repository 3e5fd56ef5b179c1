"""The trash: what was deleted, what is in it, and the way back."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.admin.generics import ModelAdmin
from events.admin.scope import RulesPermissions
from events.drafts.gathering import collects
from events.models import Event, Track, TrashedObject
from events.permissions import PLANNERS, events_for_team, roles_of
from events.trash.keeping import delete_for_good, gone_for_good_on
from events.trash.restoring import CannotRestore, restore
from events.trash.tables import kept_named
from events.trash.words import name_of, restore_notes


class TrashedEventFilter(admin.SimpleListFilter):
    """By event, also by one that is in the trash itself."""

    title = gettext_lazy("event")
    parameter_name = "event"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        mine = events_for_team(request.user, PLANNERS).order_by("-starts_on")
        return [(str(pk), title) for pk, title in mine.values_list("pk", "title")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        chosen = self.value()
        if chosen not in dict(self.lookup_choices):
            return queryset
        return queryset.filter(event_uuid__in=Event.objects.filter(pk=chosen).values("uuid"))


@admin.register(TrashedObject)
class TrashedObjectAdmin(RulesPermissions, ModelAdmin):
    """Planners restore what was in their events; owners a whole event. For good: superusers."""

    list_display = ("label", "kind", "event_title", "deleted_at", "deleted_by", "gone_on")
    list_select_related = ("deleted_by",)
    list_filter = (TrashedEventFilter,)
    search_fields = ("label", "event_title")
    search_help_text = gettext_lazy("Name, or event.")
    list_per_page = 50
    change_form_template = "admin/events/history/trashed.html"

    @admin.display(description=gettext_lazy("kind"), ordering="model")
    def kind(self, trashed: TrashedObject) -> str:
        return capfirst(str(kept_named(trashed.model)._meta.verbose_name))

    @admin.display(description=gettext_lazy("deleted for good"), ordering="deleted_at")
    def gone_on(self, trashed: TrashedObject) -> Any:
        return gone_for_good_on(trashed)

    # --- Who ------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        if request.user.is_superuser:
            return rows
        planned = events_for_team(request.user, PLANNERS).values("uuid")
        inside = Q(event_uuid__in=planned) & ~Q(model=Event._meta.model_name)
        return rows.filter(inside | Q(owners__contains=f",{request.user.pk},"))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        user: Any = request.user
        if not user.is_staff or not user.is_active:
            return False
        if obj is not None:
            return self.get_queryset(request).filter(pk=obj.pk).exists()
        plans = user.is_superuser or not PLANNERS.isdisjoint(roles_of(user).values())
        # Who owned nothing but what is in the trash now.
        owned = TrashedObject.objects.filter(owners__contains=f",{user.pk},")
        return plans or owned.exists()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    # --- Back, or gone -----------------------------------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """What is in it, and a button that restores it."""
        trashed = self.get_object(request, unquote(object_id))
        if trashed is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined,no-any-return]
        if request.method == "POST":
            return self._restore(request, trashed)
        return self._page(request, trashed, {})

    def _restore(self, request: HttpRequest, trashed: TrashedObject) -> HttpResponse:
        if not self.has_change_permission(request, trashed):
            raise PermissionDenied
        wanted = {name: request.POST.get(name, "").strip() for name in ("slug", "name")}
        new = {name: text for name, text in wanted.items() if text}
        try:
            found = restore(trashed.pk, new)
        except CannotRestore as refused:
            return self._page(
                request, trashed, {k: list(v) for k, v in refused.errors.items()}, new
            )
        messages.success(request, _("“%(name)s” is restored.") % {"name": found.thing})
        for label, count in found.left.items():
            text = _("%(n)d of “%(what)s” could not come back: what they were about is gone.")
            messages.warning(request, text % {"n": count, "what": name_of(label, count)})
        thing = found.thing.event if isinstance(found.thing, Track) else found.thing
        name = f"admin:events_{thing._meta.model_name}_change"
        return HttpResponseRedirect(reverse(name, args=[thing.pk]))

    def _page(
        self,
        request: HttpRequest,
        trashed: TrashedObject,
        errors: dict[str, list[str]],
        new: dict[str, str] | None = None,
    ) -> HttpResponse:
        request.current_app = self.admin_site.name
        asked = [
            (name, label, (new or {}).get(name, ""), errors[name])
            for name, label in (("slug", _("Another slug")), ("name", _("Another name")))
            if name in errors
        ]
        others = {k: v for k, v in errors.items() if k not in ("slug", "name")}
        context = {
            **self.admin_site.each_context(request),
            "title": _("In the trash: %(name)s") % {"name": trashed.label},
            "subtitle": None,
            "opts": self.opts,
            "original": trashed,
            "kind": self.kind(trashed),
            "gone_on": gone_for_good_on(trashed),
            "contents": [
                (name_of(label, count), count)
                for label, count in sorted(trashed.counts.items(), key=lambda pair: -pair[1])
            ],
            "notes": [*restore_notes(), *_live_notes(trashed)],
            "asked": asked,
            "errors": [text for texts in others.values() for text in texts],
            "may_delete": self.has_delete_permission(request, trashed),
        }
        return TemplateResponse(
            request, self.change_form_template, context, status=422 if errors else 200
        )

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The entries alone; what is in them may be much."""
        return [str(one) for one in objs], {}, set(), []

    def delete_model(self, request: HttpRequest, obj: TrashedObject) -> None:
        delete_for_good(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[TrashedObject]) -> None:
        for trashed in queryset:
            delete_for_good(trashed)


def _live_notes(trashed: TrashedObject) -> list[str]:
    event = Event.objects.filter(uuid=trashed.event_uuid).first()
    if event is None or not collects(event):
        return []
    text = _("The event collects its changes, but what is restored is public at once as it was.")
    return [text]
