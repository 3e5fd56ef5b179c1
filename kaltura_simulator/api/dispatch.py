"""One API call, from its parameters to its result: faults, session, permission, types, action."""

from __future__ import annotations

import contextlib
import logging
import time
from dataclasses import dataclass, field
from typing import Any

from kaltura_simulator.api import call as calls
from kaltura_simulator.api import (
    call_faults,
    features,
    narrow_text,
    permissions,
    response_profiles,
    schema,
    sessions,
    unsafe_html,
    wire_out,
)
from kaltura_simulator.api import params as param_types
from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError, forbidden
from kaltura_simulator.api.ks import KsRefused
from kaltura_simulator.api.wire_in import Params
from kaltura_simulator.state.faults import Fault, FaultPhase
from kaltura_simulator.state.recorder import MAX_TEXT, CallRecord
from kaltura_simulator.state.world import World

FEW = 3
logger = logging.getLogger(__name__)


class HttpFault(Exception):
    """A fault that fails the whole HTTP request."""

    def __init__(self, fault: Fault):
        super().__init__(fault.mode)
        self.fault = fault


@dataclass
class RequestContext:
    """One HTTP request, as the calls in it share it."""

    world: World
    uri: str
    remote_addr: str
    host_url: str
    files: dict[str, bytes] = field(default_factory=dict)
    number: int = 0
    #: Faults to apply to the HTTP reply once the work is done.
    reply_faults: list[Fault] = field(default_factory=list)


def run(context: RequestContext, params: Params) -> Any:
    """The result of one call; a refusal is returned, not raised."""
    started = time.perf_counter()
    service, action = _names(params)
    fault = context.world.faults.take(service, action, _page(params))
    try:
        result = _answer(context, params, fault)
    except ApiError as refusal:
        result = refusal
    except HttpFault as failure:
        _record(context, params, failure, fault, time.perf_counter() - started)
        raise
    except Exception:
        # As Kaltura answers when its own code fails; the traceback is in the log.
        logger.exception("%s.%s failed", service, action)
        result = ApiError("INTERNAL_SERVERL_ERROR")
    _record(context, params, result, fault, time.perf_counter() - started)
    return result


def _page(params: Params) -> int:
    """Which page of a list is asked for."""
    pager = params.get("pager")
    asked = pager.get("pageIndex") if isinstance(pager, dict) else None
    return max(1, param_types.to_int(asked or 1))


def _names(params: Params) -> tuple[str, str]:
    return str(params.get("service", "")).lower(), str(params.get("action", ""))


def _answer(context: RequestContext, params: Params, fault: Fault | None) -> Any:
    """The result of a call, with what its fault does in each phase."""
    if fault is None:
        return _work(context, params)
    if fault.phase is FaultPhase.REQUEST:
        raise HttpFault(fault)
    if fault.phase is FaultPhase.CALL:
        return call_faults.instead_of_call(fault, *_names(params))
    result = _work(context, params, fault.seconds if fault.phase is FaultPhase.WORK else 0.0)
    if fault.phase is FaultPhase.RESULT:
        return call_faults.changed_result(fault, result)
    if fault.phase is FaultPhase.REPLY:
        context.reply_faults.append(fault)
    return result


def _work(context: RequestContext, params: Params, longer: float = 0.0) -> Any:
    action = _action(params)
    call = _call(context, params, action)
    call.delay_s = longer
    handler = calls.handler_for(action.service, action.name)
    if handler is None:  # pragma: no cover - _action refuses what nobody serves
        raise LookupError(action.label)
    arguments = _arguments(params, action, context.files)
    unsafe_html.refuse_unsafe(call, arguments)
    slow = calls.is_slow(handler)
    if not slow:
        call.apply_delay()
    with contextlib.nullcontext() if slow else context.world.store.transaction():
        result = handler(call, **arguments)
        result = response_profiles.applied(call, result, params.get("responseProfile"))
        result = narrow_text.as_read(context.world, action, result)
    call.apply_delay()
    return result


def _action(params: Params) -> schema.ActionSchema:
    service, name = _names(params)
    if not service:
        raise ApiError("SERVICE_NOT_SPECIFIED")
    if not schema.has_service(service) or not calls.serves(service):
        raise ApiError("SERVICE_DOES_NOT_EXISTS", SRV_NAME=service)
    if not name:
        raise ApiError("ACTION_NOT_SPECIFIED", SERVICE=service)
    action = schema.action(service, name)
    is_known = action is not None and permissions.is_refused_to_all(action)
    if action is None or not (is_known or calls.handler_for(service, name)):
        raise ApiError("ACTION_DOES_NOT_EXISTS", ACTION_NAME=name, SERVICE_NAME=service)
    return action


def _call(context: RequestContext, params: Params, action: schema.ActionSchema) -> Call:
    """Open the session and check its permission for the action.

    A partner that nobody knows counts as blocked, whatever is called and with which session.
    """
    asked = param_types.to_int(params.get("partnerId") or 0)
    if asked > 0 and features.is_blocked(context.world.store, asked):
        raise ApiError("SERVICE_FORBIDDEN_CONTENT_BLOCKED")
    text = params.get("ks")
    session = None
    if isinstance(text, str) and text:
        session = sessions.open_for_call(context.world, text, context.uri, context.remote_addr)
    if session and asked and asked != session.partner and action.service != "session":
        raise forbidden(action.label)
    call = Call(
        context.world,
        action,
        session,
        session.partner if session else asked,
        context.files,
        context.remote_addr,
        context.host_url,
    )
    _require_permission(call, params)
    return call


def _require_permission(call: Call, params: Params) -> None:
    """Refuse an action that this session may not call (SERVICE_FORBIDDEN)."""
    roles = permissions.roles_of_user(call.store, call.session)
    if permissions.allows(call.action, call.session, roles):
        return
    handler = calls.handler_for(call.action.service, call.action.name)
    ownership = calls.ownership_of(handler) if handler else None
    if ownership is not None:
        parameter, check = ownership
        check(call, str(params.get(parameter) or ""))
    raise forbidden(call.action.label)


def _arguments(
    params: Params, action: schema.ActionSchema, files: dict[str, bytes]
) -> dict[str, Any]:
    """The action's parameters by name, read by their types."""
    found: dict[str, Any] = {}
    for parameter in action.parameters:
        name = parameter.name
        if parameter.type == "file":
            found[name] = files.get(name)
        elif f"{name}{param_types.NULL}" in params:
            found[name] = None
            continue
        elif params.get(name) is not None:
            found[name] = _argument(params[name], parameter)
            continue
        else:
            found[name] = parameter.default
        if parameter.required and found[name] is None:
            raise ApiError("MISSING_MANDATORY_PARAMETER", PARAM_NAME=name)
    return found


def _argument(value: Any, parameter: schema.Parameter) -> Any:
    if schema.is_class(parameter.type):
        return param_types.read_object(value, parameter.type, parameter.name)
    return param_types.read_value(value, parameter.type, parameter.name)


# --------------------------------------------------------------------- recording
def _record(
    context: RequestContext, params: Params, result: Any, fault: Fault | None, seconds: float
) -> None:
    service, action = _names(params)
    partner, user = _caller(context.world, params)
    outcome = result.code if isinstance(result, ApiError) else "ok"
    if isinstance(result, HttpFault):
        outcome, result = result.fault.mode, None
    context.world.recorder.add(
        CallRecord(
            at=context.world.clock.time(),
            service=service,
            action=action,
            params={k: v for k, v in params.items() if k not in {"service", "action"}},
            partner=partner,
            user=user,
            outcome=outcome,
            answer=_brief(result),
            ms=round(seconds * 1000, 2),
            fault=fault.mode if fault else None,
            request=context.number,
        )
    )


def _brief(result: Any) -> str:
    """The beginning of an answer; of a list, its first items."""
    if isinstance(result, dict) and len(result.get("objects") or ()) > FEW:
        result = result | {"objects": result["objects"][:FEW]}
    return wire_out.json_text(result)[:MAX_TEXT]


def _caller(world: World, params: Params) -> tuple[int | None, str]:
    """The caller for the list of requests; nobody for an invalid session."""
    try:
        session = sessions.read(world, str(params.get("ks") or ""))
    except KsRefused:
        return None, ""
    return session.partner, session.user
