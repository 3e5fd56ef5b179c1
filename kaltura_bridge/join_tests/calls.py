"""Alarms on their way to the webhook: signed, tried again, each with an id that stays the same.

``X-Portal-Signature: t=UNIX,v1=HEX``: HMAC-SHA256, with ALARM_WEBHOOK_SECRET, of the seconds, a
dot, and the body as it was sent. Whoever receives it checks that and how old it is, and answers
with any 2xx. A message may come twice: ``id`` says so.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import time
from datetime import datetime, timedelta
from typing import Final

import requests
from django.conf import settings
from django.utils import timezone

from kaltura_bridge.models import AlarmCall

logger = logging.getLogger(__name__)

SIGNATURE: Final = "X-Portal-Signature"
_TIMES: Final = (3.05, 5.0)
_LEASE: Final = timedelta(minutes=1)
# After each attempt that failed; then it is given up.
_PAUSES_S: Final = (10, 60, 300, 900, 3600)
_BATCH: Final = 20
_KEPT: Final = timedelta(days=30)


def send_due(for_s: float) -> int:
    """Deliver what is due. Returns how many arrived."""
    until, arrived = time.monotonic() + for_s, 0
    AlarmCall.objects.filter(next_at=None, created_at__lt=timezone.now() - _KEPT).delete()
    for call in AlarmCall.objects.filter(next_at__lte=timezone.now()).order_by("next_at")[:_BATCH]:
        if time.monotonic() > until:
            break
        lease = timezone.now() + _LEASE
        mine = AlarmCall.objects.filter(pk=call.pk, next_at=call.next_at).update(next_at=lease)
        if mine:
            call.next_at = lease
            arrived += _deliver(call)
    return arrived


def signature(body: bytes, unix: int) -> str:
    """The header's value for this body at this moment."""
    key = settings.ALARM_WEBHOOK_SECRET.encode()
    signed = hmac.new(key, b"%d." % unix + body, hashlib.sha256).hexdigest()
    return f"t={unix},v1={signed}"


def _deliver(call: AlarmCall) -> bool:
    trouble = _post(call)
    now, attempts = timezone.now(), call.attempts + 1
    AlarmCall.objects.filter(pk=call.pk, next_at=call.next_at).update(
        attempts=attempts,
        trouble=trouble,
        delivered_at=None if trouble else now,
        next_at=_next_try(attempts, now) if trouble else None,
    )
    if trouble:
        logger.warning("Alarm %s did not reach the webhook: %s", call.uid, trouble)
    return not trouble


def _next_try(attempts: int, now: datetime) -> datetime | None:
    if attempts > len(_PAUSES_S):
        return None
    return now + timedelta(seconds=_PAUSES_S[attempts - 1])


def _post(call: AlarmCall) -> str:
    """What kept it from arriving; "" for nothing. The address may hold a secret: not named."""
    if not (settings.ALARM_WEBHOOK_URL and settings.ALARM_WEBHOOK_SECRET):
        return "no webhook is set any more"
    body = json.dumps({"id": str(call.uid), "kind": call.kind, **call.payload}).encode()
    headers = {
        "Content-Type": "application/json",
        SIGNATURE: signature(body, int(time.time())),
    }
    try:
        with requests.post(
            settings.ALARM_WEBHOOK_URL,
            data=body,
            headers=headers,
            timeout=_TIMES,
            allow_redirects=False,
            stream=True,
        ) as reply:
            return "" if reply.status_code // 100 == 2 else f"HTTP {reply.status_code}"
    except requests.Timeout:
        return "no answer in time"
    except (requests.RequestException, ValueError) as error:
        return f"no connection ({type(error).__name__})"
