"""What came in through the doors beside the API, kept for the face as API calls are."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from kaltura_bridge.simulator.http import Request
from kaltura_bridge.simulator.recorder import Call


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
        self._world.doors.add(call)
