"""What came in through the doors beside the API: kept for the face, and open to faults."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from kaltura_simulator.state.faults import FaultPhase
from kaltura_simulator.state.recorder import Call
from kaltura_simulator.web.http import Request, Response
from kaltura_simulator.web.http_faults import changed_reply, instead_of_request


class Noted:
    """One visit to a door, from knocking to the answer."""

    def __init__(self, request: Request, service: str, action: str) -> None:
        self._world, self._started = request.world, time.perf_counter()
        self.service, self.action = service, action
        self.params: Mapping[str, Any] = {}
        self.user = ""
        self.partner: int | None = None

    def write(self, outcome: str, answer: str) -> None:
        """Put it into the book; secrets are masked when it is read."""
        call = Call(
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


def troubled(request: Request, noted: Noted, work: Callable[[], Response]) -> Response:
    """Do ``work`` under the fault that waits for it, named as in the book: ``kaf.view-entry``.

    Faults that only an API answer can show do nothing here.
    """
    fault = request.world.faults.take(noted.service, noted.action)
    if fault is None:
        return work()
    if fault.phase is FaultPhase.REQUEST:
        noted.write(fault.mode, "")
        return instead_of_request(fault)
    return changed_reply(work(), [fault])
