"""Who may choose what belongs to the Kaltura account as a whole, and not to an event's team.

What teams may do with their events is decided in events/permissions.py.
"""

from __future__ import annotations

from typing import Any, Final

OPERATE: Final = "kaltura_bridge.operate_account"


def is_operator(user: Any) -> bool:
    """Whether the person answers for the whole account: superusers, and whoever was given it."""
    return bool(user.is_active and user.has_perm(OPERATE))
