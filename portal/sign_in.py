"""Signing in by code.

Apart from the sign-up form, which allauth imports while it loads this one's base.
"""

from allauth.account.forms import RequestLoginCodeForm as AllauthRequestLoginCodeForm
from allauth.account.internal.flows.manage_email import sync_user_email_address


class RequestLoginCodeForm(AllauthRequestLoginCodeForm):
    """Asks for a sign-in code; one code is enough for people a manager has added, too."""

    def clean_email(self) -> str:
        """The right code proves the address, if allauth knows that this account has it.

        It knows that of accounts made by its own sign-up only; others would be
        mailed a second code to prove the address once more.
        """
        email: str = super().clean_email()
        if self._user:
            sync_user_email_address(self._user)
        return email
