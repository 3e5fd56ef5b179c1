"""The form that adds a passkey, by itself because it loads what passkeys need (second_step.py)."""

from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _


class AddPasskeyForm(AddWebAuthnForm):
    """A new key signs in by itself unless somebody wants it for the second step only."""

    passwordless = forms.BooleanField(
        label=_("Sign in with it alone"),
        required=False,
        initial=True,
        help_text=_(
            "A passkey: this device's screen lock, or the key's PIN, is all you need. Without "
            "it the key is asked for after the code by mail."
        ),
    )
