"""The account a partner starts with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kaltura_bridge.simulator.world import World


def events_account(world: World) -> None:
    """Make the partner with its secrets."""
    options = world.options
    partner = {
        "id": options.partner_id,
        "adminSecret": options.admin_secret,
        "userSecret": options.user_secret,
    }
    world.store.put(options.partner_id, "partner", options.partner_id, partner)
