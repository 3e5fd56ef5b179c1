"""When somebody last showed who they are, and by what they can show it again."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Any, Final

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from django.conf import settings
from django.http import HttpRequest

from events.limits import RateLimit
from events.models import User
from portal.sign_in.attempts import may_try, pending_of

# When this browser signed in, or typed a mailed code: in the session, in Unix seconds.
_PROVED_AT: Final = "proved_at"
_CODE: Final = "proof_code"
_CODE_S: Final = 600
_MOST_TRIES: Final = 5
_CODES: Final = RateLimit("proof-codes", amount=5, within_s=900)


def note_proof(request: HttpRequest) -> None:
    """The person has just shown who they are."""
    request.session[_PROVED_AT] = time.time()


def is_proved(request: HttpRequest) -> bool:
    """Whether that was within ``SUDO_MINUTES``: by signing in, or by being asked again."""
    at = [float(request.session.get(_PROVED_AT, 0))]
    user: Any = request.user
    records = get_authentication_records(request, user) if user.is_authenticated else []
    at += [record["at"] for record in records if record.get("reauthenticated")]
    age_s = time.time() - max(at)
    return age_s < settings.SUDO_MINUTES * 60


def asks_by_mail(user: User) -> bool:
    """Whether the account has neither a password nor a second step, so a code is mailed."""
    return not get_reauthentication_flows(user)


def send_code(request: HttpRequest, user: User) -> bool:
    """Mail a code to the account's address. False: that was too often."""
    if not _CODES.allows(user.pk):
        return False
    adapter = get_adapter(request)
    code = adapter.generate_login_code()
    request.session[_CODE] = {"digest": _digest(code), "at": time.time()}
    adapter.send_mail("account/email/proof_code", user.email, {"code": code})
    return True


def has_code(request: HttpRequest) -> bool:
    """Whether a code is under way that still counts."""
    sent: Any = request.session.get(_CODE)
    return bool(sent) and time.time() - sent["at"] < _CODE_S


def takes_code(request: HttpRequest, typed: str) -> bool:
    """Whether this is the code; each try counts, and a code is good once."""
    if not has_code(request):
        return False
    sent = request.session[_CODE]
    pending = pending_of(request.session.session_key, sent, "proof")
    if not may_try(pending, _MOST_TRIES):
        del request.session[_CODE]
        return False
    if not hmac.compare_digest(sent["digest"], _digest(typed)):
        return False
    del request.session[_CODE]
    note_proof(request)
    return True


def _digest(code: str) -> str:
    plain = code.replace("-", "").replace(" ", "").strip().upper()
    return hashlib.sha256(plain.encode()).hexdigest()
