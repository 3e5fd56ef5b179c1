"""What people see of their credits, and what anybody sees who has a certificate's code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from analytics.credits.appeals import appeal
from analytics.credits.certificates import NotEarned, issue, pdf_of
from analytics.credits.lists import CreditLine, line_of
from analytics.models import AppealState, Certificate, CreditAppeal, CreditRule
from analytics.privacy.consent import events_asking
from events.exports.pdf import FontMissing
from events.limits import RateLimit
from events.models import User
from events.models.fields import ProseInput

#: Wrong codes from one address. Right ones cost nothing, and nobody guesses 100 bits.
WRONG_CODES = RateLimit("certificate-codes", amount=100, within_s=3600)


class CreditsForm(forms.Form):
    """What somebody may ask for on their page: a certificate, or an appeal."""

    rule = forms.UUIDField(required=False)
    ask = forms.ChoiceField(choices=[(name, name) for name in ("certificate", "appeal")])
    text = ProseInput(required=False, max_length=2000)


@dataclass(frozen=True)
class OwnCredits:
    """One rule as the person sees it."""

    rule: CreditRule
    line: CreditLine
    appeals: list[CreditAppeal]

    @property
    def may_appeal(self) -> bool:
        return all(row.state != AppealState.OPEN for row in self.appeals)


def _rules_for(user: User) -> QuerySet[CreditRule]:
    """The open rules of events that the person is registered for, or was seen at."""
    mine = Q(event__registrations__user=user, event__registrations__withdrawn_at=None)
    seen = Q(sessions__attendance__user=user)
    rules = CreditRule.objects.filter(mine | seen, is_open=True)
    return rules.select_related("event__programme_version").distinct()


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_certificates(request: HttpRequest) -> HttpResponse:
    """The person's credits and certificates."""
    user: Any = request.user
    if request.method == "POST":
        form = CreditsForm(request.POST)
        done = form.is_valid() and _do(request, user, form.cleaned_data)
        if not done:
            messages.error(request, _("That could not be done. Look at the page again."))
        return redirect("analytics:my_certificates")
    appeals = CreditAppeal.objects.filter(user=user)
    context = {
        "credits": [
            OwnCredits(
                rule, line_of(rule, user), [row for row in appeals if row.rule_id == rule.pk]
            )
            for rule in _rules_for(user)
        ],
        "certificates": Certificate.objects.filter(user=user),
        "is_asked": events_asking(user).exists(),
    }
    response = render(request, "analytics/my_certificates.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


def _do(request: HttpRequest, user: User, asked: dict[str, Any]) -> bool:
    """What the form asks for. False when it is not the person's to ask."""
    rule = _rules_for(user).filter(uuid=asked["rule"]).first() if asked["rule"] else None
    if rule is None:
        return False
    if asked["ask"] == "appeal":
        if not asked["text"]:
            return False
        appeal(rule, user, asked["text"])
        messages.success(request, _("Your appeal is with the organisers."))
        return True
    try:
        issue(rule, user, None)
    except NotEarned:
        return False
    messages.success(request, _("Your certificate is ready."))
    return True


@login_required
@require_safe
def certificate_pdf(request: HttpRequest, code: str) -> HttpResponse:
    """One's own certificate as a file; what was revoked is not printed again."""
    user: Any = request.user
    mine = Certificate.objects.filter(user=user, revoked_at=None)
    certificate = get_object_or_404(mine, code=code)
    try:
        body = pdf_of(certificate)
    except FontMissing:
        messages.error(request, _("Files cannot be made just now. Tell the organisers."))
        return redirect("analytics:my_certificates")
    response = HttpResponse(body, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="certificate-{code}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def check_certificate(request: HttpRequest, code: str) -> HttpResponse:
    """That a certificate holds, or was revoked; of any other code nothing."""
    certificate = Certificate.objects.filter(code=code.upper()).exclude(name_printed="").first()
    if certificate is None:
        if not WRONG_CODES.allows(get_adapter().get_client_ip(request)):
            return render(request, "429.html", status=429)
        raise Http404
    response = render(request, "analytics/certificate.html", {"certificate": certificate})
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
