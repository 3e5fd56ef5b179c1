"""One call, from its parameters to its result: faults, session, permission, types, service."""

from __future__ import annotations

import contextlib
import logging
import time
from dataclasses import dataclass, field
from typing import Any

from kaltura_simulator.api import call as calls
from kaltura_simulator.api import (
    call_faults,
    permissions,
    response_profiles,
    schema,
    sessions,
    unsafe_html,
    wire_out,
)
from kaltura_simulator.api import params as sent_params
from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError, forbidden
from kaltura_simulator.api.ks import KsRefused
from kaltura_simulator.api.wire_in import Params
from kaltura_simulator.state.faults import Fault, FaultPhase
from kaltura_simulator.state.recorder import MAX_TEXT
from kaltura_simulator.state.recorder import Call as Record
from kaltura_simulator.state.world import World

FEW = 3
logger = logging.getLogger(__name__)


class HttpFault(Exception):
    """The whole HTTP request must fail now."""

    def __init__(self, fault: Fault):
        super().__init__(fault.mode)
        self.fault = fault


@dataclass
class Exchange:
    """One HTTP request's circumstances, shared by its sub-requests."""

    world: World
    uri: str
    remote_addr: str
    host_url: str
    files: dict[str, bytes] = field(default_factory=dict)
    number: int = 0
    #: What is to happen to the answer of the whole request once the work is done.
    after: list[Fault] = field(default_factory=list)


def run(exchange: Exchange, params: Params) -> Any:
    """The result of one call; a refusal is returned, not raised."""
    started = time.perf_counter()
    service, action = _names(params)
    fault = exchange.world.faults.take(service, action, _page(params))
    try:
        result = _answer(exchange, params, fault)
    except ApiError as refusal:
        result = refusal
    except HttpFault as failure:
        _record(exchange, params, failure, fault, time.perf_counter() - started)
        raise
    except Exception:
        # What Kaltura says when its own code trips; the trace is for whoever runs us.
        logger.exception("%s.%s failed", service, action)
        result = ApiError("INTERNAL_SERVERL_ERROR")
    _record(exchange, params, result, fault, time.perf_counter() - started)
    return result


def _page(params: Params) -> int:
    """Which page of a list is asked for."""
    pager = params.get("pager")
    asked = pager.get("pageIndex") if isinstance(pager, dict) else None
    return max(1, sent_params.to_int(asked or 1))


def _names(params: Params) -> tuple[str, str]:
    return str(params.get("service", "")).lower(), str(params.get("action", ""))


def _answer(exchange: Exchange, params: Params, fault: Fault | None) -> Any:
    """The result of a call, with what its fault does in each phase."""
    if fault is None:
        return _work(exchange, params)
    if fault.phase is FaultPhase.REQUEST:
        raise HttpFault(fault)
    if fault.phase is FaultPhase.CALL:
        return call_faults.instead_of_call(fault, *_names(params))
    result = _work(exchange, params, fault.seconds if fault.phase is FaultPhase.WORK else 0.0)
    if fault.phase is FaultPhase.RESULT:
        return call_faults.changed_result(fault, result)
    if fault.phase is FaultPhase.REPLY:
        exchange.after.append(fault)
    return result


def _work(exchange: Exchange, params: Params, longer: float = 0.0) -> Any:
    action = _action(params)
    call = _call(exchange, params, action)
    call.linger_s = longer
    handler = calls.handler_for(action.service, action.name)
    if handler is None:  # pragma: no cover - _action refuses what nobody serves
        raise LookupError(action.label)
    arguments = _arguments(params, action, exchange.files)
    unsafe_html.refuse(call, arguments)
    slow = calls.is_slow(handler)
    if not slow:
        call.linger()
    with contextlib.nullcontext() if slow else exchange.world.store.transaction():
        result = handler(call, **arguments)
        result = response_profiles.applied(call, result, params.get("responseProfile"))
    call.linger()
    return result


def _action(params: Params) -> schema.Action:
    service, name = _names(params)
    if not service:
        raise ApiError("SERVICE_NOT_SPECIFIED")
    if not schema.has_service(service) or not calls.serves(service):
        raise ApiError("SERVICE_DOES_NOT_EXISTS", SRV_NAME=service)
    if not name:
        raise ApiError("ACTION_NOT_SPECIFIED", SERVICE=service)
    action = schema.action(service, name)
    if action is None or calls.handler_for(service, name) is None:
        raise ApiError("ACTION_DOES_NOT_EXISTS", ACTION_NAME=name, SERVICE_NAME=service)
    return action


def _call(exchange: Exchange, params: Params, action: schema.Action) -> Call:
    """Open the session and see that it may do this."""
    text = params.get("ks")
    session = None
    if isinstance(text, str) and text:
        session = sessions.open_for_call(exchange.world, text, exchange.uri, exchange.remote_addr)
    asked = sent_params.to_int(params.get("partnerId") or 0)
    if session and asked and asked != session.partner and action.service != "session":
        raise forbidden(action.label)
    permissions.check(action, session)
    partner = session.partner if session else asked
    return Call(
        exchange.world,
        action,
        session,
        partner,
        exchange.files,
        exchange.remote_addr,
        exchange.host_url,
    )


def _arguments(params: Params, action: schema.Action, files: dict[str, bytes]) -> dict[str, Any]:
    """The action's parameters by name, read by their types."""
    found: dict[str, Any] = {}
    for parameter in action.parameters:
        name = parameter.name
        if parameter.type == "file":
            found[name] = files.get(name)
        elif f"{name}{sent_params.NULL}" in params:
            found[name] = None
            continue
        elif params.get(name) is not None:
            found[name] = _argument(params[name], parameter)
            continue
        else:
            found[name] = parameter.default
        if parameter.needed and found[name] is None:
            raise ApiError("MISSING_MANDATORY_PARAMETER", PARAM_NAME=name)
    return found


def _argument(value: Any, parameter: schema.Parameter) -> Any:
    if schema.is_class(parameter.type):
        return sent_params.read_object(value, parameter.type, parameter.name)
    return sent_params.read_value(value, parameter.type, parameter.name)


# --------------------------------------------------------------------- recording
def _record(
    exchange: Exchange, params: Params, result: Any, fault: Fault | None, seconds: float
) -> None:
    service, action = _names(params)
    partner, user = _caller(exchange.world, params)
    outcome = result.code if isinstance(result, ApiError) else "ok"
    if isinstance(result, HttpFault):
        outcome, result = result.fault.mode, None
    exchange.world.recorder.add(
        Record(
            at=exchange.world.clock.time(),
            service=service,
            action=action,
            params={k: v for k, v in params.items() if k not in {"service", "action"}},
            partner=partner,
            user=user,
            outcome=outcome,
            answer=_brief(result),
            ms=round(seconds * 1000, 2),
            fault=fault.mode if fault else None,
            request=exchange.number,
        )
    )


def _brief(result: Any) -> str:
    """The beginning of an answer, of a list its first items."""
    if isinstance(result, dict) and len(result.get("objects") or ()) > FEW:
        result = result | {"objects": result["objects"][:FEW]}
    return wire_out.json_text(result)[:MAX_TEXT]


def _caller(world: World, params: Params) -> tuple[int | None, str]:
    """Who called, read from the session for the record alone; a dead one names nobody."""
    try:
        session = sessions.read(world, str(params.get("ks") or ""))
    except KsRefused:
        return None, ""
    return session.partner, session.user
