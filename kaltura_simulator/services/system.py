"""system: is anybody there, and what time is it."""

from __future__ import annotations

from kaltura_simulator.api.call import Call, action


@action("system.ping")
def ping(call: Call) -> bool:
    """Always true."""
    return True


@action("system.getVersion")
def get_version(call: Call) -> str:
    """The server that the simulator behaves like."""
    return "22.19.0"


@action("system.getTime")
def get_time(call: Call) -> int:
    """The server's time in Unix seconds."""
    return call.clock.now()
