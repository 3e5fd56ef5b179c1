"""Signing up: a name and an e-mail address, then the code that is mailed there."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from events.models.fields import LineInput


class SignupForm(forms.Form):
    """What we ask for besides the address."""

    name = LineInput(
        label=_("Your name"),
        max_length=150,
        help_text=_("Shown to others in live rooms."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def signup(self, request: HttpRequest, user: Any) -> None:
        """allauth calls this with the new user, already saved."""
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])
