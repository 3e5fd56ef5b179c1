"""Which browsers show somebody notifications."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from copy import copy
from hashlib import sha256
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from events.models import OutgoingMail, PushSubscription, User
from events.models.push import digest_of_endpoint
from events.push.keys import is_on

MOST: Final = 10


# The first that fits: most browsers claim to be several.
_BROWSERS: Final = (
    *(("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox")),
    *(("Chrome", "Chrome"), ("Safari", "Safari")),
)
_SYSTEMS: Final = (
    *(("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad")),
    *(("Windows", "Windows"), ("Mac OS", "Mac"), ("Linux", "Linux")),
)


def browser_name(user_agent: str) -> str:
    """ "Firefox, Linux": enough for its owner to tell one from another."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return ", ".join(filter(None, (browser, system))) or str(_("A browser"))


@transaction.atomic
def subscribe(user: User, endpoint: str, p256dh: str, auth: str, browser: str) -> PushSubscription:
    """Send this person's news to a browser, and nobody else's. Safe to repeat.

    Of too many browsers the oldest is left out.
    """
    theirs, _made = PushSubscription.objects.update_or_create(
        endpoint_digest=digest_of_endpoint(endpoint),
        defaults={
            "user": user,
            "endpoint": endpoint,
            "p256dh": p256dh,
            "auth": auth,
            "browser": browser,
        },
    )
    mine = PushSubscription.objects.filter(user=user).order_by("-created_at", "-pk")
    too_many = list(mine.values_list("pk", flat=True)[MOST:])
    PushSubscription.objects.filter(pk__in=too_many).delete()
    return theirs


def with_pushes(mails: Iterable[OutgoingMail]) -> Iterator[OutgoingMail]:
    """The mails, and each of them once more for every browser of its reader."""
    told = list(mails)
    yield from told
    if not is_on() or not told:
        return
    browsers: dict[int, list[PushSubscription]] = defaultdict(list)
    readers = {mail.user_id for mail in told if mail.user_id}
    # A thousand at a time is what SQLite takes: whole lists are read through their people.
    for subscription in PushSubscription.objects.filter(user__in=readers).order_by("pk"):
        browsers[subscription.user_id].append(subscription)
    for mail in told:
        for subscription in browsers.get(mail.user_id or 0, ()):
            yield _push_of(mail, subscription)


def _push_of(mail: OutgoingMail, subscription: PushSubscription) -> OutgoingMail:
    push = copy(mail)
    push.subscription = subscription
    push.key = sha256(f"{mail.key}\0{subscription.endpoint_digest}".encode()).hexdigest()
    return push
