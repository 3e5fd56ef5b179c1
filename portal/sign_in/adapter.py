"""What allauth asks us about accounts."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter

from events.models.people import validate_address


class AccountAdapter(DefaultAccountAdapter):
    """allauth's own, with our rule for addresses."""

    def clean_email(self, email: str) -> Any:
        """The address of a new account, or a second one of an account."""
        validate_address(email)
        return super().clean_email(email)
