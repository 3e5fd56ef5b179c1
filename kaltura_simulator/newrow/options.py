"""How the analytics answer where real ones differ or go wrong."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

from kaltura_simulator.state.store import Store

_SETTING = "newrow"
CHOICES = {
    "spelling": ("both", "date_start", "start_date"),
    "running_end": ("empty", "zero", "moving"),
}


@dataclass(frozen=True)
class NewrowOptions:
    """The options.

    ``spelling`` of a session's two dates: both, as Kaltura's document and samples have
    them, or one. ``milliseconds`` instead of seconds.
    ``running_end`` is the end of a session or stay that goes on: an empty text,
    ``0``, or the time of the request. ``total_count_off`` is added to
    the true total. ``lost_page`` leaves that page's rows out of the listing, as
    when rows move while somebody pages through them.
    """

    spelling: str = "both"
    milliseconds: bool = False
    running_end: str = "empty"
    total_count_off: int = 0
    lost_page: int | None = None


def current(store: Store) -> NewrowOptions:
    """The options as they are now."""
    return NewrowOptions(**store.setting(_SETTING, {}))


def change(store: Store, sent: Any) -> None:
    """Change some options; raises ValueError naming the one that is wrong."""
    store.set_setting(_SETTING, asdict(current(store)) | _checked(sent))


def restore_defaults(store: Store) -> None:
    """Put all options back."""
    store.set_setting(_SETTING, {})


def _checked(sent: Any) -> dict[str, Any]:
    if not isinstance(sent, dict):
        raise ValueError("send an object of switches")
    known = {field.name for field in fields(NewrowOptions)}
    for name, value in sent.items():
        if name not in known:
            raise ValueError(f"unknown switch {name!r}; there are {', '.join(sorted(known))}")
        _check(name, value)
    return sent


def _check(name: str, value: Any) -> None:
    if name in CHOICES and value not in CHOICES[name]:
        raise ValueError(f"{name!r} must be one of {', '.join(CHOICES[name])}")
    if name == "milliseconds" and not isinstance(value, bool):
        raise ValueError("'milliseconds' must be true or false")
    if name == "total_count_off" and (isinstance(value, bool) or not isinstance(value, int)):
        raise ValueError("'total_count_off' must be a whole number")
    is_page = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if name == "lost_page" and value is not None and not is_page:
        raise ValueError("'lost_page' must be a page number from 0, or null")
