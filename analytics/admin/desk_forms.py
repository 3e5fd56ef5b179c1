"""The forms of the matching desk. Whatever is sent, none of them is ever a fault of ours."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from analytics.models import RoomRun, Source
from events.admin.generics import ModelChoiceField
from events.bounds import check_moment
from events.models import Event, Session
from events.models.fields import LineInput

# As browsers send a local time; the page says in which zone it is read.
LOCAL: Final = "%Y-%m-%dT%H:%M:%S"
LARGEST: Final = 2**63 - 1


def reason_field() -> LineInput:
    return LineInput(
        label=_("Why"), max_length=300, required=False, help_text=_("For whoever reads it later.")
    )


class RunDecisionForm(forms.Form):
    """Which session a run belongs to; with a moment, which one from then on."""

    session = ModelChoiceField(
        Session.objects.none(), label=_("Session"), required=False, empty_label=_("No session")
    )
    split_at = forms.DateTimeField(
        label=_("Split at"),
        required=False,
        validators=[check_moment],
        input_formats=[LOCAL, "%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput(format=LOCAL, attrs={"type": "datetime-local", "step": "1"}),
        help_text=_("Empty: the whole run belongs to the session above."),
    )
    session_after = ModelChoiceField(
        Session.objects.none(),
        label=_("From then on"),
        required=False,
        empty_label=_("No session"),
    )
    reason = reason_field()
    seen = forms.IntegerField(
        required=False, min_value=0, max_value=LARGEST, widget=forms.HiddenInput
    )

    def __init__(self, event: Event, run: RoomRun, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sessions = Session.objects.filter(event=event).order_by("starts_at", "pk")
        for name in ("session", "session_after"):
            self.fields[name].queryset = sessions  # type: ignore[attr-defined]
        self.run = run

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        at, end = cleaned.get("split_at"), self.run.ended_at or self.run.pulled_at
        if at and not self.run.started_at < at < end:
            self.add_error("split_at", _("The moment of the split must lie within the run."))
        if cleaned.get("session_after") and not at and "split_at" not in self.errors:
            self.add_error("split_at", _("Say from when on the second session counts."))
        return cleaned


class AddressForm(forms.Form):
    """An account, named by its address."""

    address = forms.EmailField(label=_("E-mail address of the account"), max_length=254)
    reason = reason_field()


class PersonLinkForm(AddressForm):
    """Who a remote person is."""

    source = forms.ChoiceField(choices=Source.choices)
    remote_user_id = LineInput(max_length=200)
