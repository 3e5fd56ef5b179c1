"""The accounts that a simulator starts with, by ``--provision``.

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
#: Added to the first partner's id, so that ids never collide.
_OFFSETS = {_CUSTOMER: 100_000, _VENDOR: 200_000}
_CUSTOMER_FEATURES = [features.REACH, features.DRAFT_ENTRIES]
_VENDOR_FEATURES = [features.REACH, features.REACH_VENDOR]


def create_all(world: World) -> None:
    """Create the accounts of the plan that do not exist yet; all get the secrets of the options."""
    options = world.options
    first = options.partner_id
    with world.store.transaction():
        if world.store.get(first, "partner", first) is None:
            _create_first(world)
        if options.provision != "empty":
            _create_vendor(world)
        if options.provision == "reach":
            _create_customer(world)
        _renew_secrets(world)


def start_over(world: World) -> None:
    """Forget everything, and create the accounts of the plan again."""
    with world.resetting, world.store.transaction():
        world.clear()
        create_all(world)


def _create_first(world: World) -> None:
    options = world.options
    partner, is_empty = options.partner_id, options.provision == "empty"
    has_reach = options.provision == "events"
    call = account.new(
        world,
        partner,
        options.admin_secret,
        options.user_secret,
        recordingEnabled=not is_empty,
        features=[features.REACH] if has_reach else [],
    )
    (account.add_basics if is_empty else account.add_events_objects)(call)
    if has_reach:
        vendor = second_id(options, _VENDOR)
        reach.events_customer(world.store, partner, vendor, world.clock.now())


def _create_vendor(world: World) -> None:
    vendor = second_id(world.options, _VENDOR)
    if world.store.get(vendor, "partner", vendor) is None:
        call = account.new(world, vendor, *_secrets(world, vendor), features=_VENDOR_FEATURES)
        account.add_basics(call)


def _create_customer(world: World) -> None:
    customer, vendor = (second_id(world.options, who) for who in (_CUSTOMER, _VENDOR))
    if world.store.get(customer, "partner", customer) is None:
        call = account.new(world, customer, *_secrets(world, customer), features=_CUSTOMER_FEATURES)
        account.add_basics(call)
        reach.small_customer(world.store, customer, vendor, world.clock.now())


def _renew_secrets(world: World) -> None:
    """Data may be older than the secrets of the options."""
    options, store = world.options, world.store
    given = {options.partner_id: (options.admin_secret, options.user_secret)}
    seconds = [second_id(options, who) for who in _OFFSETS]
    for partner, (admin, user) in (given | {p: _secrets(world, p) for p in seconds}).items():
        row = store.get(partner, "partner", partner)
        if row and (admin not in world.secrets(partner) or user != row["userSecret"]):
            store.change(partner, "partner", partner, adminSecret=admin, userSecret=user)


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
    """``CUSTOMER SECRET VENDOR SECRET`` of the plan ``reach``, else empty."""
    if world.options.provision != "reach":
        return ""
    parts: list[str] = []
    for who in (_CUSTOMER, _VENDOR):
        partner = second_id(world.options, who)
        parts += [str(partner), world.secrets(partner)[0]]
    return " ".join(parts)
