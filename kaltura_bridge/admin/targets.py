"""The sync state of every planned object, in one list for the person on call."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.permissions import PLANNERS, events_for_team
from kaltura_bridge.admin import control_room, dashboard, devices, joining, recordings, target_page
from kaltura_bridge.admin.base import ReadOnlyAdmin
from kaltura_bridge.admin.bulk import bulk_page
from kaltura_bridge.labels import since, target_mark
from kaltura_bridge.models import Account, ErrorKind, RemoteLink, SyncTarget
from kaltura_bridge.repair import actions
from kaltura_bridge.repair.choices import counted


class ErrorKindFilter(admin.SimpleListFilter):
    """Filters by the kind of problem; offers only those that there are."""

    title = gettext_lazy("problem")
    parameter_name = "error_kind__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        rows = model_admin.get_queryset(request).exclude(error_kind="")
        kinds = rows.order_by("error_kind").values_list("error_kind", flat=True).distinct()
        return [(kind, ErrorKind(kind).label) for kind in kinds]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(error_kind=self.value()) if self.value() else queryset


@admin.register(SyncTarget)
class SyncTargetAdmin(ReadOnlyAdmin):
    """The list of targets, and the URLs of the pages about them.

    Planners see the targets of their events, superusers all. The pages are functions in
    dashboard.py and target_page.py, which get the rows that the person may see.
    """

    list_display = ("title", "kind", "sync_state", "attempts", "next_try", "error")
    list_filter = ("state", "kind", ErrorKindFilter)
    search_fields = ("title", "object_uuid", "links__remote_id", "links__key")
    search_help_text = gettext_lazy("Title, ID here, or ID at Kaltura.")
    ordering = ("state", "title")
    actions = ("retry_selected", "push_selected", "recreate_selected")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("dashboard/", wrap(self.dashboard_view), name="kaltura_bridge_dashboard"),
            path("dashboard/progress/", wrap(self.progress_view), name="kaltura_bridge_progress"),
            path("dashboard/retry/", wrap(self.retry_kind_view), name="kaltura_bridge_retry_kind"),
            path("of/<int:pk>/", wrap(self.of_event_view), name="kaltura_bridge_of_event"),
            path("<int:pk>/retry/", wrap(self.retry_view), name="kaltura_bridge_retry"),
            path(
                "<int:pk>/objects/<int:link_pk>/<slug:verb>/",
                wrap(self.choice_view),
                name="kaltura_bridge_choice",
            ),
        ]
        pages = [*joining.urls(self), *devices.urls(self), *recordings.urls(self)]
        return [*own, *pages, *control_room.urls(self), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The target's own page, for those who plan the event."""
        target = self.get_object(request, object_id)
        if target is None:
            messages.warning(
                request, _("Only owners and managers of the event can open that page.")
            )
            return redirect("admin:index")
        return target_page.target_page(self, request, target)

    def dashboard_view(self, request: HttpRequest) -> HttpResponse:
        """How far everything is, live."""
        self._allow(request)
        return dashboard.dashboard_page(self, request, self.get_queryset(request))

    def progress_view(self, request: HttpRequest) -> HttpResponse:
        """The dashboard's numbers as JSON."""
        self._allow(request)
        return dashboard.progress_json(request, self.get_queryset(request))

    def retry_kind_view(self, request: HttpRequest) -> HttpResponse:
        """Retry everything that failed in the same way."""
        self._allow(request)
        return dashboard.retry_kind_page(self, request, self.get_queryset(request))

    def of_event_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The dashboard of one event."""
        return dashboard.dashboard_of_event(request, pk)

    def _allow(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied(_("Only owners and managers of an event can see this."))

    def retry_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Retry one target."""
        return target_page.retry_target(request, self.get_queryset(request), pk)

    def choice_view(self, request: HttpRequest, pk: int, link_pk: int, verb: str) -> HttpResponse:
        """Preview and carry out a choice about one object."""
        links = RemoteLink.objects.filter(target__in=self.get_queryset(request))
        link = get_object_or_404(links.select_related("target"), pk=link_pk, target=pk)
        return target_page.choice_page(self, request, link, verb)

    def get_queryset(self, request: HttpRequest) -> QuerySet[SyncTarget]:
        mine = events_for_team(request.user, PLANNERS).values("uuid")
        everything: QuerySet[SyncTarget] = super().get_queryset(request)
        return everything if request.user.is_superuser else everything.filter(event_uuid__in=mine)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: SyncTarget | None = None) -> bool:
        mine = events_for_team(request.user, PLANNERS)
        if obj is not None:
            mine = mine.filter(uuid=obj.event_uuid)
        return bool(request.user.is_superuser or (request.user.is_staff and mine.exists()))

    def has_repair_permission(self, request: HttpRequest) -> bool:
        """Whoever sees a row here plans its event, and may act on it."""
        return self.has_view_permission(request)

    @admin.display(description=gettext_lazy("Kaltura"), ordering="state")
    def sync_state(self, target: SyncTarget) -> SafeString | str:
        """Its state, with an icon."""
        return target_mark(target)

    @admin.display(description=gettext_lazy("next try"), ordering="next_attempt_at")
    def next_try(self, target: SyncTarget) -> Any:
        """When it is tried again; only what waits has such a time."""
        return target.next_attempt_at if target.state == "pending" else "–"

    @admin.action(description=gettext_lazy("Retry"), permissions=["repair"])
    def retry_selected(self, request: HttpRequest, queryset: QuerySet[SyncTarget]) -> None:
        """Compare and send these again, now."""
        number = actions.retry(queryset)
        messages.success(
            request, _("Retrying %(counted)s.") % {"counted": counted(number, "object")}
        )

    @admin.action(
        description=gettext_lazy("Push over changes made at Kaltura…"), permissions=["repair"]
    )
    def push_selected(self, request: HttpRequest, queryset: QuerySet[SyncTarget]) -> Any:
        """Overwrite what was changed at Kaltura, after a preview."""
        return bulk_page(self, request, queryset, queryset, "push")

    @admin.action(
        description=gettext_lazy("Recreate what was deleted at Kaltura…"), permissions=["repair"]
    )
    def recreate_selected(self, request: HttpRequest, queryset: QuerySet[SyncTarget]) -> Any:
        """Create again what was deleted at Kaltura, after a preview."""
        return bulk_page(self, request, queryset, queryset, "recreate")


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    """The account's health, for superusers."""

    list_display = ("partner_id", "health", "failing_since", "paused_until", "error")
    fields = (*list_display, "failures", "resources_at")

    @admin.display(description=gettext_lazy("health"))
    def health(self, account: Account) -> str:
        """Whether Kaltura answers, and for how long it has not."""
        if not account.failures:
            return _("✓ Answers")
        return _("✗ %(error_kind)s: %(failures)s failures, the first %(since)s") % {
            "error_kind": account.get_error_kind_display(),
            "failures": account.failures,
            "since": since(account.failing_since),
        }
