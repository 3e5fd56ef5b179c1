"""system: ping, version and time.

Kaltura's: api_v3/services/SystemService.php
"""

from __future__ import annotations

from kaltura_simulator.api.call import Call, action


@action("system.ping")
def ping(call: Call) -> bool:
    """Always true."""
    return True


@action("system.getVersion")
def get_version(call: Call) -> str:
    """The version of the server that was recorded."""
    return "22.19.0"


@action("system.getTime")
def get_time(call: Call) -> int:
    """The server's time in Unix seconds."""
    return call.clock.now()
