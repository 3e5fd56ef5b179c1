"""Credit lists in the admin: rules, everybody's state and why, certificates, appeals."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.admin.scope import event_for_analyst
from analytics.credits.appeals import decide, override
from analytics.credits.certificates import issue, revoke
from analytics.credits.lists import CreditLine, CreditListHidden, credit_list, line_of, terms_of
from analytics.models import AppealState, Certificate, CreditAppeal, CreditRule, EventReport
from analytics.privacy.changing import may_change
from analytics.privacy.modes import rules_of
from events.models import Event, User
from events.models.fields import LineInput
from events.permissions import ANALYSTS, events_for_team

LINES_A_PAGE = 100


class RuleSessionsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Some of the event's sessions; what is not among them is never looked up."""

    def clean(self, value: Any) -> Any:
        mine: Any = self.queryset
        known = {str(pk) for pk in mine.values_list("pk", flat=True)}
        if not {str(each) for each in value or ()} <= known:
            raise forms.ValidationError(_("Choose sessions of this event."))
        return super().clean(value)


class CreditRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A rule over sessions of its event."""

    class Meta:
        model = CreditRule
        fields = (
            "title",
            "credits",
            "unit",
            "sessions",
            "needed_sessions",
            "minimum_percent",
            "grace_minutes",
            "minutes_per_award",
            "is_open",
        )
        field_classes = {"sessions": RuleSessionsField}
        widgets = {"sessions": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.event = event
        sessions: Any = self.fields["sessions"]
        sessions.queryset = event.sessions.order_by("starts_at", "pk")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        needed, sessions = data.get("needed_sessions"), data.get("sessions")
        if needed and sessions is not None and needed > len(sessions):
            self.add_error("needed_sessions", _("There are not so many sessions in this rule."))
        return data


class OverrideForm(forms.Form):
    """What somebody gets, whatever attendance says."""

    credits = forms.DecimalField(
        label=gettext_lazy("Credits"),
        max_digits=6,
        decimal_places=2,
        min_value=Decimal(0),
        help_text=gettext_lazy("0: none."),
    )
    reason = LineInput(label=gettext_lazy("Reason"), max_length=300)


class AnswerForm(forms.Form):
    """The answer to an appeal."""

    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=[
            (AppealState.ACCEPTED.value, gettext_lazy("Accept: give the credits")),
            (AppealState.REJECTED.value, gettext_lazy("Reject")),
        ],
    )
    answer = LineInput(label=gettext_lazy("Answer"), max_length=300)


def rule_for_analyst(user: Any, pk: int) -> CreditRule:
    """The rule, if this person may read its event's figures; Http404 otherwise."""
    mine = events_for_team(user, ANALYSTS).values("pk")
    return get_object_or_404(
        CreditRule.objects.filter(event__in=mine).select_related("event"), pk=pk
    )


def _actor(request: HttpRequest) -> Any:
    return request.user


def _page(request: HttpRequest, template: str, event: Event, **context: Any) -> HttpResponse:
    request.current_app = admin.site.name
    frame = {**admin.site.each_context(request), "opts": EventReport._meta}
    found = {"event": event, "privacy": rules_of(event), **context}
    found["may_plan"] = may_change(_actor(request), event)
    response = TemplateResponse(request, f"analytics/credits/{template}.html", {**frame, **found})
    response["Cache-Control"] = "no-store"
    return response


def event_credits(request: HttpRequest, pk: int) -> HttpResponse:
    """The event's rules; planners add one here."""
    event = event_for_analyst(request.user, pk)
    return _edit(request, event, None)


def edit_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a rule. Certificates made under it stay as they are."""
    rule = rule_for_analyst(request.user, pk)
    return _edit(request, rule.event, rule)


def _edit(request: HttpRequest, event: Event, rule: CreditRule | None) -> HttpResponse:
    if request.method == "POST" and not may_change(_actor(request), event):
        raise PermissionDenied
    form = CreditRuleForm(request.POST or None, instance=rule, event=event)
    if request.method == "POST" and form.is_valid():
        saved = form.save()
        messages.success(request, _("Saved."))
        return redirect("admin:analytics_credit_list", saved.pk)
    return _page(
        request,
        "rules",
        event,
        title=_("Credits: %(event)s") % {"event": rule or event},
        rule=rule,
        rules=CreditRule.objects.filter(event=event),
        form=form,
    )


def show_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody's state under a rule, with what failed by how much."""
    rule = rule_for_analyst(request.user, pk)
    rules = rules_of(rule.event)
    try:
        lines: list[CreditLine] | None = credit_list(rule)
    except CreditListHidden:
        lines = None
    page = Paginator(lines or [], LINES_A_PAGE).get_page(request.GET.get("page"))
    return _page(
        request,
        "list",
        rule.event,
        title=_("Credits: %(rule)s") % {"rule": rule},
        rule=rule,
        terms=terms_of(rule),
        is_hidden=lines is None,
        page=page,
        lines=[(line, line.shown(rules)) for line in page],
        earned=sum(line.is_earned for line in lines or []),
        appeals=CreditAppeal.objects.filter(rule=rule).select_related("user", "decided_by")
        if rules.names_people
        else [],
    )


def issue_all(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a certificate for everybody who earned one and has none."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    rule = rule_for_analyst(request.user, pk)
    if not rules_of(rule.event).names_people:
        messages.error(
            request,
            _("The event names nobody, so people fetch their certificates themselves."),
        )
        return redirect("admin:analytics_credit_list", rule.pk)
    waiting = [line for line in credit_list(rule) if line.is_earned and not line.certificate]
    for line in waiting:
        issue(rule, line.user, _actor(request))
    messages.success(request, _("%(number)d certificates made.") % {"number": len(waiting)})
    return redirect("admin:analytics_credit_list", rule.pk)


def person_page(request: HttpRequest, pk: int, person: int) -> HttpResponse:
    """One person under a rule: why, decisions, appeals, certificates; decide here."""
    rule = rule_for_analyst(request.user, pk)
    if not rules_of(rule.event).names_people:
        raise Http404
    user = _person(rule, person)
    waiting = CreditAppeal.objects.filter(rule=rule, user=user, state=AppealState.OPEN).first()
    answers = "decision" in request.POST
    override_form = OverrideForm(request.POST if request.POST and not answers else None)
    answer_form = AnswerForm(request.POST if answers else None)
    if override_form.is_valid():
        data = override_form.cleaned_data
        override(rule, user, data["credits"] or None, data["reason"], _actor(request))
    elif waiting and answer_form.is_valid():
        data = answer_form.cleaned_data
        accept = data["decision"] == AppealState.ACCEPTED
        decide(waiting, accept=accept, answer=data["answer"], by=_actor(request))
    elif not request.POST:
        return _person_page(request, rule, user, waiting, override_form, answer_form)
    else:
        return _person_page(request, rule, user, waiting, override_form, answer_form)
    messages.success(request, _("Recorded."))
    return redirect("admin:analytics_credit_person", rule.pk, user.pk)


def _person(rule: CreditRule, pk: int) -> User:
    """Somebody who belongs to the event; nobody else may be asked about."""
    belongs = User.objects.filter(registrations__event=rule.event) | User.objects.filter(
        attendance__session__event=rule.event
    )
    return get_object_or_404(belongs.distinct(), pk=pk)


def _person_page(
    request: HttpRequest,
    rule: CreditRule,
    user: User,
    waiting: CreditAppeal | None,
    override_form: OverrideForm,
    answer_form: AnswerForm,
) -> HttpResponse:
    return _page(
        request,
        "person",
        rule.event,
        title=_("Credits of %(person)s") % {"person": user},
        rule=rule,
        person=user,
        line=line_of(rule, user),
        waiting=waiting,
        override_form=override_form,
        answer_form=answer_form,
        overrides=rule.overrides.filter(user=user).select_related("decided_by"),
        appeals=rule.appeals.filter(user=user).select_related("decided_by"),
        certificates=rule.certificates.filter(user=user),
    )


def revoke_certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """Revoke a certificate, with the reason."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    mine = events_for_team(request.user, ANALYSTS).values("pk")
    certificate = get_object_or_404(
        Certificate.objects.filter(event__in=mine, rule__isnull=False, user__isnull=False), pk=pk
    )
    form = OverrideForm({"credits": "0", "reason": request.POST.get("reason", "")})
    if form.is_valid():
        revoke(certificate, _actor(request), form.cleaned_data["reason"])
        messages.success(request, _("Revoked."))
    else:
        messages.error(request, _("A revocation needs a reason."))
    return redirect("admin:analytics_credit_person", certificate.rule_id, certificate.user_id)


# Route, view and name, for the admin of the reports.
PAGES: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
    ("<int:pk>/credits/", event_credits, "analytics_event_credits"),
    ("credits/<int:pk>/", show_list, "analytics_credit_list"),
    ("credits/<int:pk>/edit/", edit_rule, "analytics_credit_rule"),
    ("credits/<int:pk>/issue/", issue_all, "analytics_credit_issue"),
    ("credits/<int:pk>/people/<int:person>/", person_page, "analytics_credit_person"),
    ("credits/certificates/<int:pk>/revoke/", revoke_certificate, "analytics_credit_revoke"),
]
