"""Requests for pages and analytics, which are not API calls: logged, and open to faults."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from kaltura_simulator.state.faults import FaultPhase
from kaltura_simulator.state.recorder import CallRecord
from kaltura_simulator.web.http import HttpRequest, HttpResponse
from kaltura_simulator.web.http_faults import changed_reply, instead_of_request


class RequestLog:
    """The log entry of one request; ``service`` and ``action`` are its names for faults."""

    def __init__(self, request: HttpRequest, service: str, action: str) -> None:
        self._world, self._started = request.world, time.perf_counter()
        self.service, self.action = service, action
        self.params: Mapping[str, Any] = {}
        self.user = ""
        self.partner: int | None = None

    def finish(self, outcome: str, answer: str) -> None:
        """Record the request; secrets are masked when it is read."""
        call = CallRecord(
            at=self._world.clock.time(),
            service=self.service,
            action=self.action,
            params=dict(self.params),
            partner=self.partner,
            user=self.user,
            outcome=outcome,
            answer=answer,
            ms=round((time.perf_counter() - self._started) * 1000, 2),
        )
        self._world.page_recorder.add(call)


def with_faults(
    request: HttpRequest, log: RequestLog, work: Callable[[], HttpResponse]
) -> HttpResponse:
    """Do ``work``, with the fault that matches the log's names (``kaf.view-entry``), if any.

    Only faults of the phases REQUEST and REPLY have an effect here.
    """
    fault = request.world.faults.take(log.service, log.action)
    if fault is None:
        return work()
    if fault.phase is FaultPhase.REQUEST:
        log.finish(fault.mode, "")
        return instead_of_request(fault)
    return changed_reply(work(), [fault])
