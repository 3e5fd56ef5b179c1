"""The key that comes with a job: a USER session for one entry, good until the work is done."""

from __future__ import annotations

from kaltura_simulator.api import ks, sessions
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.world import World

ROLE = "REACH_VENDOR_ROLE"
LEAST_S = 7 * 86_400


def mint(world: World, partner: int, entry_id: str, turnaround_s: int | None, hidden: bool) -> str:
    """A session of the customer's that opens this entry and nothing else."""
    names = (f"edit:{entry_id}", f"setrole:{ROLE}", f"disableentitlementforentry:{entry_id}")
    privileges = [*names, f"sview:{entry_id}", f"download:{entry_id}"]
    if hidden:
        privileges.append("enablecaptionmoderation")
    lasts = max(2 * (turnaround_s or 0), LEAST_S)
    return ks.mint(
        world.secrets(partner)[0],
        partner,
        expiry=world.clock.now() + lasts,
        privileges=",".join(privileges),
    )


def revoke(world: World, task: Data) -> None:
    """The key opens nothing from now on."""
    sessions.end(world.store, sessions.read_any(world, task["accessKey"]))
