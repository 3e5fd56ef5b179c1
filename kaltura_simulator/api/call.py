"""One API call as the services see it, and the registry of their actions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from kaltura_simulator.api import ks, schema
from kaltura_simulator.state.clock import Clock
from kaltura_simulator.state.store import Data, Store
from kaltura_simulator.state.world import World

Handler = Callable[..., Any]
#: Refuses a caller whose object it is not: of a call and one of its parameters.
OwnershipCheck = Callable[["Call", str], None]
_HANDLERS: dict[tuple[str, str], Handler] = {}
#: The action of internal work; it never appears in a refusal.
_NO_ACTION = schema.ActionSchema("system", "internal", (), "")
#: The status of what is no more, in all kinds of objects that lists in lag still show.
_DELETED = 3
#: Checks that come before permissions, and the parameter that names the object.
_OWNERSHIP: dict[Handler, tuple[str, OwnershipCheck]] = {}
#: Actions that may wait (for a lock, for a fetch), so they run outside a transaction.
_SLOW: set[Handler] = set()


@dataclass
class Call:
    """The caller, the account and the state that an action works with."""

    world: World
    action: schema.ActionSchema
    session: ks.Ks | None
    partner: int
    files: dict[str, bytes] = field(default_factory=dict)
    remote_addr: str = ""
    host_url: str = ""
    #: Seconds by which a fault makes the work longer.
    delay_s: float = 0.0

    @property
    def store(self) -> Store:
        """The objects."""
        return self.world.store

    @property
    def clock(self) -> Clock:
        """The time."""
        return self.world.clock

    @property
    def user(self) -> str:
        """The session's user id; empty without one."""
        return self.session.user if self.session else ""

    @property
    def is_admin(self) -> bool:
        """Whether an ADMIN session calls."""
        return self.session is not None and self.session.is_admin

    def apply_delay(self) -> None:
        """Sleep for the delay of a fault, once."""
        seconds, self.delay_s = self.delay_s, 0.0
        if seconds:
            time.sleep(seconds)

    def holds(self, name: str, wanted: str) -> bool:
        """Whether the session holds ``name:wanted`` or ``name:*``."""
        return self.session is not None and self.session.holds(name, wanted)

    def get(self, kind: str, key: str | int) -> Data | None:
        """An object of this partner as it is now."""
        return self.store.get(self.partner, kind, key)

    def put(self, kind: str, key: str | int, data: Data) -> Data:
        """Write an object of this partner."""
        return self.store.put(self.partner, kind, key, data)

    def change(self, kind: str, key: str | int, **fields: Any) -> Data:
        """Write some fields of an object of this partner."""
        return self.store.change(self.partner, kind, key, **fields)

    def all(self, kind: str) -> list[Data]:
        """This partner's objects as they are now."""
        return self.store.all(self.partner, kind)

    def where(self, kind: str, value: Any, listed: bool = False) -> list[Data]:
        """This partner's objects of a kind by their indexed property (``LOOKUPS``)."""
        return self.store.where(self.partner, kind, value, listed)

    def listed(self, kind: str) -> list[Data]:
        """This partner's objects as the search index knows them.

        They are there to be filtered; a list shows them ``as_now``.
        """
        return self.store.listed(self.partner, kind)

    def as_now(self, kind: str, rows: Iterable[Data]) -> list[Data]:
        """The rows of a list with their present values and statuses, deleted ones too.

        Kaltura's index says which objects a list holds, its database what they are like
        (seen at a running server, 22.19).
        """
        now = ((row, self.get(kind, row["id"])) for row in rows)
        return [found or row | {"status": _DELETED} for row, found in now]


def internal(world: World, partner: int, session: ks.Ks | None = None, host_url: str = "") -> Call:
    """A call for work that no API call requested: KAF's own, the control's, the provisioning's."""
    return Call(world, _NO_ACTION, session, partner, host_url=host_url)


def action(name: str) -> Callable[[Handler], Handler]:
    """Register a function as ``service.action``, in the names of the wire.

    It is called with the Call and the action's parameters by name, read by their types.
    """
    service, _, verb = name.partition(".")

    def register(handler: Handler) -> Handler:
        _HANDLERS[(service, verb.lower())] = handler
        return handler

    return register


def slow(handler: Handler) -> Handler:
    """Mark an action that may wait for others; it opens transactions of its own."""
    _SLOW.add(handler)
    return handler


def owned(parameter: str, check: OwnershipCheck) -> Callable[[Handler], Handler]:
    """Mark an action of which Kaltura asks first whose object it is, then who may call it.

    So one who is neither the owner nor permitted is told the former.
    """

    def register(handler: Handler) -> Handler:
        _OWNERSHIP[handler] = (parameter, check)
        return handler

    return register


def ownership_of(handler: Handler) -> tuple[str, OwnershipCheck] | None:
    """The check of an action that was marked as ``owned``, and the parameter it is about."""
    return _OWNERSHIP.get(handler)


def is_slow(handler: Handler) -> bool:
    """Whether an action was marked as slow."""
    return handler in _SLOW


def handler_for(service: str, verb: str) -> Handler | None:
    """The function that does ``service.verb``."""
    return _HANDLERS.get((service, verb.lower()))


def serves(service: str) -> bool:
    """Whether any action of this service is registered."""
    return any(known == service for known, _ in _HANDLERS)
