"""A person's own page about their data: take it along, or have it erased."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analytics.models import RecordingConsent
from analytics.privacy.answering import answer
from analytics.privacy.consent import asks_first, events_asking
from analytics.privacy.erasing import CannotErase, erase_person
from analytics.privacy.my_data import as_json
from events.models import Event, User
from events.models.fields import LineInput


class EraseMeForm(forms.Form):
    """Nobody erases themselves by a slip: the address has to be typed."""

    address = LineInput(
        label=gettext_lazy("Your e-mail address, to confirm"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "email"}),
    )

    def __init__(self, user: User, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.user = user

    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"])
        if address.lower() != self.user.email.lower():
            raise forms.ValidationError(_("This is not the address of your account."))
        return address


class ConsentForm(forms.Form):
    """What somebody answers for one event."""

    event = forms.SlugField(max_length=80)
    answer = forms.ChoiceField(choices=[(name, name) for name in ("yes", "no")])


@dataclass(frozen=True)
class OwnConsent:
    """What the person answered for one event; None: not answered."""

    event: Event
    is_given: bool | None

    @property
    def meaning(self) -> str:
        """What holds now, in a sentence."""
        if self.is_given is None:
            if asks_first(self.event):
                return _("Not answered: you are counted without your name.")
            return _("Not answered: rooms and webcasts are kept under your name.")
        if self.is_given:
            return _("You said yes: your attendance is kept under your name.")
        return _("You said no: you are counted without your name.")


def _consents(user: User) -> list[OwnConsent]:
    answers = dict(RecordingConsent.objects.filter(user=user).values_list("event_id", "is_given"))
    return [OwnConsent(event, answers.get(event.pk)) for event in events_asking(user)]


@login_required
@require_POST
def answer_consent(request: HttpRequest) -> HttpResponse:
    """Keep the answer for one of the person's events; anything else changes nothing."""
    assert isinstance(request.user, User)  # login_required
    form = ConsentForm(request.POST)
    event = None
    if form.is_valid():
        event = events_asking(request.user).filter(slug=form.cleaned_data["event"]).first()
    if event is None:
        messages.error(request, _("That could not be done. Look at the page again."))
    else:
        answer(event, request.user, is_given=form.cleaned_data["answer"] == "yes")
        messages.success(request, _("Your answer counts from now on."))
    return redirect("analytics:my_data")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_data_page(request: HttpRequest) -> HttpResponse:
    """What is kept, as a file; and the end of it."""
    assert isinstance(request.user, User)  # login_required
    form = EraseMeForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            erase_person(request.user, None)
        except CannotErase as refusal:
            messages.error(request, str(refusal))
            return redirect("analytics:my_data")
        logout(request)
        messages.success(request, _("Your account and your data are erased."))
        return redirect("events:home")
    context = {"form": form, "consents": _consents(request.user)}
    return render(request, "analytics/my_data.html", context)


@login_required
@require_safe
def my_data_file(request: HttpRequest) -> HttpResponse:
    """Everything that is kept about this person, as JSON."""
    assert isinstance(request.user, User)  # login_required
    response = HttpResponse(as_json(request.user), content_type="application/json")
    response["Content-Disposition"] = 'attachment; filename="my-data.json"'
    patch_cache_control(response, private=True, no_store=True)
    return response
