"""The access key of a job: a USER session for one entry, valid until the work is done."""

from __future__ import annotations

from kaltura_simulator.api import ks, sessions
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.world import World

ROLE = "REACH_VENDOR_ROLE"
MIN_S = 7 * 86_400


def mint(world: World, partner: int, entry_id: str, turnaround_s: int | None, hidden: bool) -> str:
    """A session of the customer's account that may edit this entry only."""
    names = (f"edit:{entry_id}", f"setrole:{ROLE}", f"disableentitlementforentry:{entry_id}")
    privileges = [*names, f"sview:{entry_id}", f"download:{entry_id}"]
    if hidden:
        privileges.append("enablecaptionmoderation")
    lifetime_s = max(2 * (turnaround_s or 0), MIN_S)
    return ks.mint(
        world.secrets(partner)[0],
        partner,
        expiry=world.clock.now() + lifetime_s,
        privileges=",".join(privileges),
    )


def revoke(world: World, task: Data) -> None:
    """End the access key of a task."""
    sessions.end(world.store, sessions.read_any(world, task["accessKey"]))
