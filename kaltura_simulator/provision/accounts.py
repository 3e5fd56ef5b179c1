"""Which accounts a simulator starts with.

========  ====================================================================
events    an events customer's account, with REACH, and the vendor it orders from
empty     the same partner with next to nothing
reach     the events account without REACH, and two more partners: one that
          orders (a profile, one item) and the vendor that delivers
========  ====================================================================
"""

from __future__ import annotations

import hashlib

from kaltura_simulator.api import features
from kaltura_simulator.options import SimulatorOptions
from kaltura_simulator.provision import account, reach
from kaltura_simulator.state.world import World

_CUSTOMER, _VENDOR = "customer", "vendor"
#: Added to the first partner's id, so that they never meet.
_OFFSETS = {_CUSTOMER: 100_000, _VENDOR: 200_000}
_ORDERS = [features.REACH, features.DRAFT_ENTRIES]
_DELIVERS = [features.REACH, features.REACH_VENDOR]


def open_all(world: World) -> None:
    """Open the accounts of the plan that are not there yet."""
    options = world.options
    first = options.partner_id
    with world.store.transaction():
        if world.store.get(first, "partner", first) is None:
            _open_first(world)
        if options.provision != "empty":
            _open_vendor(world)
        if options.provision == "reach":
            _open_customer(world)


def start_over(world: World) -> None:
    """Forget everything, and open the accounts of the plan again."""
    with world.resetting, world.store.transaction():
        world.clear()
        open_all(world)


def _open_first(world: World) -> None:
    options = world.options
    partner, bare = options.partner_id, options.provision == "empty"
    has_reach = options.provision == "events"
    call = account.new(
        world,
        partner,
        options.admin_secret,
        options.user_secret,
        recordingEnabled=not bare,
        features=[features.REACH] if has_reach else [],
    )
    (account.fill_bare if bare else account.fill_for_events)(call)
    if has_reach:
        vendor = second_id(options, _VENDOR)
        reach.events_customer(world.store, partner, vendor, world.clock.now())


def _open_vendor(world: World) -> None:
    vendor = second_id(world.options, _VENDOR)
    if world.store.get(vendor, "partner", vendor) is None:
        call = account.new(world, vendor, *_secrets(world, vendor), features=_DELIVERS)
        account.fill_bare(call)


def _open_customer(world: World) -> None:
    customer, vendor = (second_id(world.options, who) for who in (_CUSTOMER, _VENDOR))
    if world.store.get(customer, "partner", customer) is None:
        call = account.new(world, customer, *_secrets(world, customer), features=_ORDERS)
        account.fill_bare(call)
        reach.small_customer(world.store, customer, vendor, world.clock.now())


def second_id(options: SimulatorOptions, who: str) -> int:
    """The id of the customer or the vendor beside the first partner."""
    return options.partner_id + _OFFSETS[who]


def _secrets(world: World, partner: int) -> tuple[str, str]:
    """ADMIN and USER secrets, the same at every start, from those of the first partner."""
    options = world.options
    first, second = (
        hashlib.sha256(f"{partner}:{secret}".encode()).hexdigest()[:32]
        for secret in (options.admin_secret, options.user_secret)
    )
    return first, second


def reach_line(world: World) -> str:
    """``CUSTOMER SECRET VENDOR SECRET`` for whoever plays an order through; empty without."""
    if world.options.provision != "reach":
        return ""
    words: list[str] = []
    for who in (_CUSTOMER, _VENDOR):
        partner = second_id(world.options, who)
        words += [str(partner), world.secrets(partner)[0]]
    return " ".join(words)
