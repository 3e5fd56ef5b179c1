"""The forms: a mailed code for everybody, a password for those who have set one.

The sign-up form has a module of its own (sign_up.py), because allauth imports it while it
defines the forms that these extend.
"""

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.internal.flows.manage_email import sync_user_email_address
from django import forms


class _OneCodeIsEnough(forms.Form):
    """The right code also verifies the address, if allauth has it on file for the account.

    It has only the addresses of its own sign-ups on file. Without this, people added by a
    manager or an import would be mailed a second code to verify the same address again.
    """

    def clean(self) -> dict[str, Any] | None:
        """Once the form has found whose account it is."""
        cleaned = super().clean()
        user = getattr(self, "user", None) or getattr(self, "_user", None)
        if user:
            sync_user_email_address(user)
        return cleaned


class RequestLoginCodeForm(_OneCodeIsEnough, allauth_forms.RequestLoginCodeForm):
    """The form that asks for a code."""


class LoginForm(_OneCodeIsEnough, allauth_forms.LoginForm):
    """The sign-in page: an address, and then the code."""


class PasswordLoginForm(LoginForm):
    """The other sign-in page: an address and a password."""

    def _setup_password_field(self) -> None:
        """Keep the field: allauth removes it where sign-up asks for no password."""
