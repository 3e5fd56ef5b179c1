"""What follows from allauth's signals."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.signals import authenticator_added
from django.dispatch import receiver
from django.http import HttpRequest

from events.models import User


@receiver(authenticator_added)
def trust_who_set_it_up(request: HttpRequest, user: User, authenticator: Any, **_: Any) -> None:
    """Whoever has just shown that they hold the device need not show it again at once.

    Until then they had nothing to confirm with, and an app's code is good only once: without
    this, the way to one's recovery codes begins with half a minute of waiting.
    """
    about = {"type": authenticator.type, "reauthenticated": True}
    record_authentication(request, user, "mfa", **about)
