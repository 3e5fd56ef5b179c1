"""Addresses that take no mail."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from django.db.models.functions import Lower

from events.models import RestingAddress

_REASON_CHARS: Final = 300
# "5.1.1 No such user": the second number says that the address is what is wrong.
# https://www.rfc-editor.org/rfc/rfc3463#section-3.2
_STATUS = re.compile(r"\b5\.(\d{1,3})\.\d{1,3}\b")
_ABOUT_THE_ADDRESS: Final = "1"
# What old servers answer without such a status: no mailbox, not here, no valid name.
_NO_MAILBOX: Final = frozenset({550, 551, 553})


def rest_address(address: str, reason: str) -> None:
    """Send this address nothing until somebody takes it out of the list. Safe to repeat."""
    RestingAddress.objects.bulk_create(
        [RestingAddress(address=address.strip().lower(), reason=reason[:_REASON_CHARS])],
        ignore_conflicts=True,
    )


def resting(addresses: Iterable[str]) -> set[str]:
    """Which of these rest, in lower case."""
    asked = {address.lower() for address in addresses}
    rows = RestingAddress.objects.annotate(lowered=Lower("address")).filter(lowered__in=asked)
    return set(rows.values_list("lowered", flat=True))


def names_no_mailbox(code: int, text: str) -> bool:
    """Whether a refusal of a recipient means that no mail will ever arrive there.

    A full mailbox (5.2.2) or a refusal of this very mail (5.7.1) does not.
    """
    if found := _STATUS.search(text):
        return found.group(1) == _ABOUT_THE_ADDRESS
    return code in _NO_MAILBOX
