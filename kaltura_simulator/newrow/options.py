"""How the analytics answer where real ones differ or go wrong: ``/_control/newrow``."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from kaltura_simulator.web import http
from kaltura_simulator.web.http import Request, Response

if TYPE_CHECKING:
    from kaltura_simulator.state.store import Store
    from kaltura_simulator.web.http import Router

PREFIX = "/_control/newrow"
_SETTING = "newrow"
CHOICES = {
    "spelling": ("date_start", "start_date"),
    "running_end": ("empty", "zero", "moving"),
}


@dataclass(frozen=True)
class Answers:
    """The switches.

    ``spelling`` of a session's two dates. ``milliseconds`` instead of seconds.
    ``running_end`` is what stands for the end of a session or stay that goes on:
    an empty text, ``0``, or the moment of asking. ``total_count_off`` is added to
    the true total. ``lost_page`` leaves that page's rows out of the listing, as
    when rows move while somebody pages through them.
    """

    spelling: str = "date_start"
    milliseconds: bool = False
    running_end: str = "empty"
    total_count_off: int = 0
    lost_page: int | None = None


def answers(store: Store) -> Answers:
    """The switches as they stand."""
    return Answers(**store.setting(_SETTING, {}))


def open_door(router: Router) -> None:
    """Serve the control."""
    router.route(PREFIX, handle)


def handle(request: Request) -> Response:
    """GET shows the switches, POST changes some, DELETE puts all back."""
    store = request.world.store
    try:
        if request.method == "POST":
            store.set_setting(_SETTING, asdict(answers(store)) | _checked(request.json))
        elif request.method == "DELETE":
            store.set_setting(_SETTING, {})
    except ValueError as problem:
        return http.data({"error": str(problem)}, 400)
    return http.data(asdict(answers(store)))


def _checked(wish: Any) -> dict[str, Any]:
    if not isinstance(wish, dict):
        raise ValueError("send an object of switches")
    known = {field.name for field in fields(Answers)}
    for name, value in wish.items():
        if name not in known:
            raise ValueError(f"unknown switch {name!r}; there are {', '.join(sorted(known))}")
        _check(name, value)
    return wish


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
