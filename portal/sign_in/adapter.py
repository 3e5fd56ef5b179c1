"""What allauth asks us about accounts."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.manage_email import sync_user_email_address
from allauth.account.models import EmailAddress
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest

from events.characters import clean_line
from events.models.people import User, validate_address


class AccountAdapter(DefaultAccountAdapter):
    """allauth's own, with our rule for addresses."""

    def clean_email(self, email: str) -> Any:
        """The address of a new account, or a second one of an account."""
        validate_address(email)
        return super().clean_email(email)


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """allauth's own, with what the provider calls a person as their name here."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """The address that the provider vouches for is verified; no code is mailed as well.

        allauth has only the addresses of its own sign-ups on file, see forms.py. Nobody else
        can have set a password for an account whose address was never verified: that takes
        signing in.
        """
        super().pre_social_login(request, sociallogin)
        if not sociallogin.is_existing:
            return
        user: User = sociallogin.user
        vouched = {each.email.lower() for each in sociallogin.email_addresses if each.verified}
        if user.email.lower() in vouched:
            sync_user_email_address(user)
            EmailAddress.objects.filter(user=user, email__iexact=user.email).update(verified=True)

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Any:
        """A new account; the name can be changed later, as everybody's."""
        user: User = super().populate_user(request, sociallogin, data)
        parts = (data.get("first_name"), data.get("last_name"))
        name = data.get("name") or " ".join(part for part in parts if part)
        user.name = clean_line(str(name or ""))[:150]
        return user
