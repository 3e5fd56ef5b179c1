"""Sends notifications that are due: the outbox's rows that have a subscription."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from hashlib import sha256
from time import monotonic
from typing import Any, Final
from urllib.parse import urlsplit

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from events.characters import clean_line
from events.i18n.languages import mail_language
from events.models import MailState, OutgoingMail, PushSubscription
from events.outbox.claims import Hold, claim, expire_dead_leases
from events.outbox.kinds import kind_named
from events.push.encryption import encrypted
from events.push.keys import from_text, is_on
from events.push.services import deliver

logger = logging.getLogger(__name__)

CLAIMED: Final = 50
_TITLE_CHARS: Final = 120
_BODY_CHARS: Final = 300
_TOPIC_CHARS: Final = 32


def send_pushes_due(for_s: float) -> int:
    """Send what is due, for at most about ``for_s`` seconds. Returns how many were taken."""
    if not is_on():
        return 0
    expire_dead_leases()
    until, sent = monotonic() + for_s, 0
    while monotonic() < until:
        holder, pushes = claim(CLAIMED, pushes=True)
        if not pushes:
            break
        hold = Hold(holder)
        sent += sum(_send_group(hold, group) for group in _grouped(pushes))
    return sent


def _grouped(pushes: Iterable[OutgoingMail]) -> list[list[OutgoingMail]]:
    """What one browser is told of one kind at one event: of several changes the last counts."""
    groups: dict[tuple[Any, ...], list[OutgoingMail]] = {}
    for push in pushes:
        groups.setdefault((push.subscription_id, push.kind, push.event_id), []).append(push)
    return list(groups.values())


def _send_group(hold: Hold, pushes: list[OutgoingMail]) -> int:
    now, kind = timezone.now(), kind_named(pushes[0].kind)
    late = [push for push in pushes if push.expires_at and push.expires_at <= now]
    hold.settle(late, MailState.DROPPED, reason="Too late.")
    timely = [push for push in pushes if push not in late]
    if kind is None or not timely:
        hold.put_off(timely, "This version of the portal does not know such news.")
        return 0
    try:
        items = kind.items_for(timely)
    except Exception as error:  # one kind's mistake must not hold up the others
        logger.exception("Notifications %s could not be written", kind.name)
        hold.put_off(timely, f"It could not be written ({type(error).__name__}).")
        return 0
    vain = [push for push in timely if push.pk not in items]
    hold.settle(vain, MailState.DROPPED, reason="No longer true, or not wanted.")
    return sum(_send(hold, push, items[push.pk]) for push in timely if push.pk in items)


def _send(hold: Hold, push: OutgoingMail, item: dict[str, Any]) -> bool:
    subscription = PushSubscription.objects.filter(pk=push.subscription_id or 0).first()
    if subscription is None:  # Ended meanwhile: its rows are gone with it.
        return False
    title, message = message_of(push, item)
    # Sent twice it is shown once: the browser replaces what has the same tag.
    if not hold.hand_over([push], ""):
        return False
    until = push.expires_at or timezone.now()
    ttl_s = int((until - timezone.now()).total_seconds())
    body = encrypted(message, from_text(subscription.p256dh), from_text(subscription.auth))
    answer = deliver(subscription.endpoint, body, ttl_s, push.key[:_TOPIC_CHARS])
    if answer.is_taken:
        hold.settle([push], MailState.SENT, subject=title)
    elif answer.is_gone:
        logger.info("A browser takes no notifications any more: %s", answer.reason)
        subscription.delete()
    elif answer.is_passing:
        hold.put_off([push], answer.reason)
    else:
        hold.settle([push], MailState.FAILED, reason=answer.reason)
    return answer.is_taken


def message_of(push: OutgoingMail, item: dict[str, Any]) -> tuple[str, bytes]:
    """Title and the JSON for the service worker: what a mail would say, and no link but a path."""
    with translation.override(mail_language(push.user, push.event)):
        title = clean_line(item["title"])[:_TITLE_CHARS]
        lines = item.get("sentences") or [_("Starts at {when}").format(when=item.get("when", ""))]
        text = clean_line(" ".join([*lines, item.get("place", "")]))[:_BODY_CHARS]
    path = urlsplit(item.get("url", "")).path or (
        push.event.get_absolute_url() if push.event else "/"
    )
    tag = sha256(f"{push.kind} {push.session_id}".encode()).hexdigest()[:_TOPIC_CHARS]
    message = {"title": title, "body": text, "path": path, "tag": tag}
    return title, json.dumps(message, ensure_ascii=False).encode()
