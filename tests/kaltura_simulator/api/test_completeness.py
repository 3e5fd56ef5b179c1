"""What belongs to an action, an error or a fault is there: types, permissions, texts, code."""

from __future__ import annotations

import ast
import inspect
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from kaltura_simulator import services
from kaltura_simulator.api import call, call_faults, errors, permissions, schema
from kaltura_simulator.state.faults import MODES, FaultPhase
from kaltura_simulator.web import http_faults

PACKAGE = Path(errors.__file__).parents[1]


def test_every_action_takes_the_parameters_of_kalturas():
    services.load_all()
    for (service, verb), handler in call._HANDLERS.items():
        known = schema.action(service, verb)
        assert known is not None, f"Kaltura has no {service}.{verb}"
        names = list(inspect.signature(handler).parameters)[1:]
        assert names == [parameter.name for parameter in known.parameters], (service, verb)


def test_every_permission_is_about_an_action_of_kalturas():
    for wire in permissions.REQUIRED:
        service, _, verb = wire.partition(".")
        known = schema.has_service(service) if verb == "*" else schema.action(service, verb)
        assert known, f"Kaltura has no {wire}"


def raised_codes() -> Iterator[tuple[str, str]]:
    """File and code of each ``ApiError`` with Kaltura's own message."""
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or len(node.args) != 1:
                continue
            code = node.args[0]
            if getattr(node.func, "id", "") == "ApiError" and isinstance(code, ast.Constant):
                yield str(file), str(code.value)


def test_every_error_has_a_message():
    found = list(raised_codes())
    assert len(found) > 100
    assert [(file, code) for file, code in found if code not in errors.TEXTS] == []


def test_every_mode_of_faults_has_its_code_once():
    tables = {
        FaultPhase.REQUEST: http_faults.REQUEST_FAULTS,
        FaultPhase.CALL: call_faults.CALL_FAULTS,
        FaultPhase.RESULT: call_faults.RESULT_FAULTS,
        FaultPhase.REPLY: http_faults.REPLY_FAULTS,
        FaultPhase.WORK: {"slow_work": None},
    }
    implemented = Counter((mode, phase) for phase, table in tables.items() for mode in table)
    assert implemented == Counter((name, mode.phase) for name, mode in MODES.items())
