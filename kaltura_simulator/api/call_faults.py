"""What faults do to one API call: in place of it, or to its result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kaltura_simulator.api.errors import ApiError, invalid_ks, message_of
from kaltura_simulator.state.faults import Fault


def instead_of_call(fault: Fault, service: str, action: str) -> Any:
    """The answer of a call that is not made; a refusal is raised."""
    return CALL_FAULTS[fault.mode](fault, service, action)


def changed_result(fault: Fault, result: Any) -> Any:
    """What the caller gets of a result."""
    return RESULT_FAULTS[fault.mode](result)


def _expired_ks(fault: Fault, service: str, action: str) -> Any:
    raise invalid_ks("EXPIRED")


def _api_error(fault: Fault, service: str, action: str) -> Any:
    message = fault.message or message_of(fault.code, fault.args)
    raise ApiError(fault.code, message, **fault.args)


def _rate_limited(fault: Fault, service: str, action: str) -> Any:
    # Kaltura's limiter answers in the place of the service: a text with status 200.
    return f"Access to {service}->{action} was rate limited"


def _without_first_item(result: Any) -> Any:
    return _with_items(result, slice(1, None))


def _without_items(result: Any) -> Any:
    return _with_items(result, slice(0))


def _with_items(result: Any, kept: slice) -> Any:
    """A list, or a report's table, with some rows; its ``totalCount`` still counts all of them."""
    if not isinstance(result, dict):
        return result
    if result.get("objects"):
        return result | {"objects": result["objects"][kept]}
    if result.get("totalCount") and result.get("data"):
        # Each row of a table ends with this.
        rows = str(result["data"]).split(";")[:-1]
        return result | {"data": "".join(f"{row};" for row in rows[kept])}
    return result


CALL_FAULTS: Mapping[str, Callable[[Fault, str, str], Any]] = {
    "expired_ks": _expired_ks,
    "api_error": _api_error,
    "rate_limited": _rate_limited,
}
RESULT_FAULTS: Mapping[str, Callable[[Any], Any]] = {
    "lose_item": _without_first_item,
    "lose_page": _without_items,
}
