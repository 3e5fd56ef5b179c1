"""The matching desk of an event: runs and people that the rules leave over, and decisions.

Analysts of the event decide. What a decision may name is bound to what they may see: runs
and sessions of the event, and accounts of people in events whose figures they read. All else
is answered alike, whether or not it is there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, ClassVar, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.admin.desk_forms import AddressForm, PersonLinkForm, RunDecisionForm
from analytics.admin.raw import PullRecordAdmin
from analytics.admin.scope import event_for_analyst
from analytics.matching import decisions, tray
from analytics.models import MarkedTester, PersonLink, RoomRun, RunDecision
from analytics.privacy.modes import PrivacyRules, rules_of
from analytics.tasks import pull_event
from events.admin.scope import user_of
from events.limits import RateLimit
from events.models import Event, User
from events.permissions import ANALYSTS, events_for_team

logger = logging.getLogger(__name__)

# However many addresses somebody tries, they learn nothing; this keeps them from trying.
NAMED: Final = RateLimit("matching", amount=120, within_s=3600)
STALE: Final = gettext_lazy("Somebody has decided this meanwhile. Look again, then decide.")
UNKNOWN: Final = gettext_lazy(
    "Nobody with this address is registered for, or in the team of, an event "
    "whose attendance you may read."
)
View = Callable[..., HttpResponseBase]


class DecisionAdmin(PullRecordAdmin):
    """The log of decisions: read-only, and undone ones stay."""

    list_select_related: ClassVar[tuple[str, ...]] = ("decided_by", "undone_by")
    date_hierarchy = "decided_at"

    @admin.display(description=gettext_lazy("decision"), ordering="pk")
    def said(self, decision: Any) -> str:
        return str(decision)

    list_display = ("said", "decided_at", "decided_by", "reason", "undone_at", "undone_by")


class PeopleDecisionAdmin(DecisionAdmin):
    """Decisions that name people, for events that show names."""

    names_people = True


@admin.register(PersonLink)
class PersonLinkAdmin(PeopleDecisionAdmin):
    """Which remote people are which accounts."""

    list_select_related = ("user", "decided_by", "undone_by")


@admin.register(MarkedTester)
class MarkedTesterAdmin(PeopleDecisionAdmin):
    """Whose attendance is a test."""

    list_select_related = ("user", "event", "decided_by", "undone_by")


@admin.register(RunDecision)
class RunDecisionAdmin(DecisionAdmin):
    """Which session a run belongs to; and the desk's own pages."""

    event_paths = ("run__session__event", "run__event")
    list_select_related = ("run", "session", "session_after", "decided_by", "undone_by")

    def get_urls(self) -> list[URLPattern]:
        """The desk's pages come first: the admin's own ``<path:object_id>/`` would match them."""
        pages: list[tuple[str, View, str]] = [
            ("of/<int:pk>/", self.desk, "matching"),
            ("of/<int:pk>/link/", posted(self.link), "matching_link"),
            ("of/<int:pk>/tester/", posted(self.mark), "matching_tester"),
            ("of/<int:pk>/pull/", posted(self.pull), "matching_pull"),
            ("run/<int:pk>/", self.run, "matching_run"),
            ("undo/run/<int:pk>/", posted(self.undo_run), "matching_undo_run"),
            ("undo/link/<int:pk>/", posted(self.undo_link), "matching_undo_link"),
            ("undo/tester/<int:pk>/", posted(self.undo_tester), "matching_undo_tester"),
        ]
        wrap = self.admin_site.admin_view
        own = [path(route, wrap(view), name=f"analytics_{name}") for route, view, name in pages]
        return own + super().get_urls()

    # --- Pages ------------------------------------------------------------------------

    def desk(self, request: HttpRequest, pk: int) -> HttpResponse:
        """All that is left over at an event, and what was decided."""
        event = event_for_analyst(request.user, pk)
        rules = rules_of(event)
        names_people = rules.names_people
        return self._page(
            request,
            "analytics/matching.html",
            title=_("Matching: %(event)s") % {"event": event.title},
            event=event,
            unmatched_runs=_counted(tray.runs_without_session(event), rules),
            several_runs=_counted(tray.runs_of_several(event), rules),
            run_decisions=tray.decided_runs(event)[: tray.MOST_SHOWN],
            names_people=names_people,
            **(_people_of(event) if names_people else {}),
        )

    def run(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Decide which session a run belongs to, or where it is split."""
        run, event = self._run(request, pk)
        standing = run.decisions.filter(undone_at=None).first()
        touched = tray.touched_by(run, event)
        with timezone.override(event.zone):
            initial = _initial(run, touched, standing)
            form = RunDecisionForm(event, run, request.POST or None, initial=initial)
            if request.method == "POST" and form.is_valid() and _decide(request, run, form):
                return redirect("admin:analytics_matching", event.pk)
            response = self._page(
                request,
                "analytics/matching_run.html",
                title=_("Decide about a run"),
                event=event,
                run=run,
                touched=touched,
                standing=standing,
                rule=run.get_matched_by_display(),
                form=form,
            )
            return response.render()

    # --- What is posted -----------------------------------------------------------------

    def link(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say who a remote person is."""
        event = self._named_event(request, pk)
        form = PersonLinkForm(request.POST)
        if user := _account_in(request, form):
            who = form.cleaned_data
            try:
                decisions.link_person(
                    event,
                    who["source"],
                    who["remote_user_id"],
                    user,
                    user_of(request),
                    who["reason"],
                )
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
            except decisions.StaleDecision:
                messages.error(request, STALE)
            else:
                messages.success(
                    request,
                    _("Linked to %(get_full_name)s.") % {"get_full_name": user.get_full_name()},
                )
        return redirect("admin:analytics_matching", event.pk)

    def mark(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say that somebody only tests."""
        event = self._named_event(request, pk)
        form = AddressForm(request.POST)
        if user := _account_in(request, form):
            reason = form.cleaned_data["reason"]
            if _tried(
                request, lambda: decisions.mark_tester(event, user, user_of(request), reason)
            ):
                messages.success(
                    request,
                    _("%(get_full_name)s counts as a tester.")
                    % {"get_full_name": user.get_full_name()},
                )
        return redirect("admin:analytics_matching", event.pk)

    def pull(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Have a worker ask the sources about all of an event's sessions again."""
        event = event_for_analyst(request.user, pk)
        try:
            pull_event.delay(event.pk)
        except Exception:  # the broker's own errors differ by broker
            logger.warning("The broker did not take the pull of %s", event.uuid, exc_info=True)
            messages.error(request, _("The background worker cannot be reached. Try again soon."))
        else:
            messages.success(request, _("Asking every source again. This may take some minutes."))
        return redirect("admin:analytics_matching", event.pk)

    def undo_run(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take back what was decided about a run."""
        decision = get_object_or_404(RunDecision.objects.select_related("run"), pk=pk)
        _run, event = self._run(request, decision.run_id)
        if _tried(request, lambda: decisions.undo_run_decision(decision, user_of(request))):
            messages.success(request, _("Taken back: the rules decide again."))
        return redirect("admin:analytics_matching", event.pk)

    def undo_link(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take back who a remote person is."""
        link = get_object_or_404(PersonLink, pk=pk, event__in=_own_events(request))
        event = self._named_event(request, link.event_id)
        if _tried(request, lambda: decisions.undo_link(link, user_of(request))):
            messages.success(request, _("Taken back: the person is unmatched again."))
        return redirect("admin:analytics_matching", event.pk)

    def undo_tester(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Count a tester among the people again."""
        mark = get_object_or_404(MarkedTester, pk=pk, event__in=_own_events(request))
        event = self._named_event(request, mark.event_id)
        if _tried(request, lambda: decisions.undo_tester(mark, user_of(request))):
            messages.success(request, _("Taken back: the person counts again."))
        return redirect("admin:analytics_matching", event.pk)

    # --- Helpers ------------------------------------------------------------------------

    def _run(self, request: HttpRequest, pk: int) -> tuple[RoomRun, Event]:
        """A run of an event of theirs, and that event."""
        run = get_object_or_404(tray.run_of(events_for_team(request.user, ANALYSTS), pk))
        event = run.session.event if run.session else run.event
        if event is None:
            raise Http404
        return run, event

    def _named_event(self, request: HttpRequest, pk: int) -> Event:
        """An event of theirs, if it shows names."""
        event = event_for_analyst(request.user, pk)
        if not rules_of(event).names_people:
            raise Http404
        return event

    def _page(self, request: HttpRequest, template: str, **context: Any) -> TemplateResponse:
        request.current_app = self.admin_site.name
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        response = TemplateResponse(request, template, context)
        # Names and e-mail addresses must not stay behind in a shared browser or proxy.
        response["Cache-Control"] = "no-store"
        return response


def posted(view: View) -> View:
    """The view for POST; other methods are answered so, whatever they are about."""

    def answer(request: HttpRequest, pk: int) -> HttpResponseBase:
        return view(request, pk) if request.method == "POST" else HttpResponseNotAllowed(["POST"])

    return answer


def _own_events(request: HttpRequest) -> Any:
    return events_for_team(request.user, ANALYSTS).values("pk")


def _counted(runs: QuerySet[RoomRun], rules: PrivacyRules) -> list[Any]:
    """The first of these runs, with as many people as the event tells of."""
    shown: list[Any] = list(runs[: tray.MOST_SHOWN])
    for run in shown:
        run.people = rules.count(run.people)
    return shown


def _people_of(event: Event) -> dict[str, Any]:
    about = {"event": event}
    links = PersonLink.objects.filter(**about)
    marks = MarkedTester.objects.filter(**about)
    who = ("user", "decided_by", "undone_by")
    return {
        "people": tray.unmatched_people(event)[: tray.MOST_SHOWN],
        "without_id": tray.people_without_id(event),
        "links": links.select_related(*who)[: tray.MOST_SHOWN],
        "testers": marks.select_related(*who)[: tray.MOST_SHOWN],
        "tester_form": AddressForm(),
    }


def _initial(
    run: RoomRun, touched: list[tray.TouchedSession], standing: RunDecision | None
) -> dict[str, Any]:
    """What the form proposes: what stands, or else a split between the sessions it touches."""
    if standing:
        return {
            "session": standing.session_id,
            "split_at": standing.split_at,
            "session_after": standing.session_after_id,
            "seen": standing.pk,
        }
    split = tray.suggested_split(run, touched)
    if split is None:
        return {"session": run.session_id}
    first, second = sorted((each.session for each in touched), key=lambda s: s.starts_at)[:2]
    return {"session": first.pk, "split_at": split, "session_after": second.pk}


def _decide(request: HttpRequest, run: RoomRun, form: RunDecisionForm) -> bool:
    what, by = form.cleaned_data, user_of(request)
    reason, seen = what["reason"], what["seen"]
    if at := what["split_at"]:
        before, after = what["session"], what["session_after"]
        done = _tried(
            request,
            lambda: decisions.split_run(run, at, before, after, by, reason, seen=seen),
        )
    else:
        session = what["session"]
        done = _tried(request, lambda: decisions.assign_run(run, session, by, reason, seen=seen))
    if done:
        messages.success(request, _("Decided. The figures are those of the decision now."))
    return done


def _tried(request: HttpRequest, decide: Callable[[], object]) -> bool:
    """Whether it was done; otherwise the person is told that somebody was faster."""
    try:
        decide()
    except decisions.StaleDecision:
        messages.error(request, STALE)
        return False
    return True


def _account_in(request: HttpRequest, form: forms.Form) -> User | None:
    """The account that a form names, if this person may name it; they are told if not."""
    person = user_of(request)
    if not form.is_valid():
        messages.error(request, _("Write the e-mail address of the account, as name@example.org."))
    elif not (person.is_superuser or NAMED.allows(person.pk)):
        messages.error(request, _("That were many within an hour. Wait a while, then go on."))
    else:
        address = form.cleaned_data["address"]
        found = decisions.people_linkable_by(person).filter(email__iexact=address).first()
        if found is None:
            messages.error(request, UNKNOWN)
        return found
    return None
