"""Signing in: by a mailed code for everybody, by password for those who have set one.

Apart from the sign-up form, which allauth imports while it loads these forms' bases.
"""

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.internal.flows.manage_email import sync_user_email_address
from allauth.account.views import LoginView
from django import forms
from django.urls import reverse


class _OneCodeIsEnough(forms.Form):
    """The right code proves the address, if allauth knows that this account has it.

    It knows that of accounts made by its own sign-up only. People added by a
    manager or by an import would be mailed a second code to prove it once more.
    """

    def clean(self) -> dict[str, Any] | None:
        """Once the form has found whose account it is."""
        cleaned = super().clean()
        user = getattr(self, "user", None) or getattr(self, "_user", None)
        if user:
            sync_user_email_address(user)
        return cleaned


class RequestLoginCodeForm(_OneCodeIsEnough, allauth_forms.RequestLoginCodeForm):
    """Asks for a code."""


class LoginForm(_OneCodeIsEnough, allauth_forms.LoginForm):
    """The sign-in page: an address, and then the code."""


class PasswordLoginForm(LoginForm):
    """The other sign-in page: an address and a password."""

    def _setup_password_field(self) -> None:
        """allauth takes the field away because nobody signs up with a password."""


class PasswordLoginView(LoginView):
    """allauth's own sign-in, with its limits, under an address of its own."""

    template_name = "account/login_password.html"

    def get_form_class(self) -> type[PasswordLoginForm]:
        """The setting ACCOUNT_FORMS names the form of the other page."""
        return PasswordLoginForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the way back to the other page, which keeps where the visitor wanted to go."""
        login_url = self.passthrough_next_url(reverse("account_login"))
        return {**super().get_context_data(**kwargs), "login_url": login_url}


password_login = PasswordLoginView.as_view()
