"""The older rooms: a booked location that its tags make a room, entered by event or by itself."""

from __future__ import annotations

from dataclasses import dataclass

from kaltura_simulator.api import ks
from kaltura_simulator.kaf.admission import ON_STAGE, Guest, name_of, role_of
from kaltura_simulator.kaf.refusals import Refused
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.visits import Visits
from kaltura_simulator.state.world import World

ROLES = frozenset({"viewerRole", "adminRole"})
#: What a room is like, by its tag ``custom_rs_class_mode``; the first is the default.
CLASS_MODES = {"virtual_classroom": "Virtual classroom", "webinar": "Webinar"}
_DELETED = "3"


@dataclass(frozen=True)
class Launch:
    """Somebody at the door of a room; ``guest.entry`` is its resource, the place of visits."""

    guest: Guest
    class_mode: str


def admit_to_launch(world: World, session: ks.Ks) -> Launch:
    """Everything the page of an older room asks of a living session; raises Refused."""
    privileges = session.privileges
    event_id, resource_id = (privileges.get(n, "").strip() for n in ("eventId", "resourceId"))
    _check_person(session)
    if bool(event_id) == bool(resource_id):
        raise Refused("place", field="eventId")
    event = _living(world, session.partner, "event", event_id) if event_id else None
    resource = _living(
        world,
        session.partner,
        "resource",
        _booked(world, session.partner, event_id) if event_id else resource_id,
    )
    tags = _tags(resource) | (_tags(event) if event else {})
    if tags.get("vcprovider") != "newrow":
        raise Refused("not-newrow", seen=str(resource["id"]))
    guest = _guest(session, resource)
    if event is None:
        _need_moderator(world, guest)
    mode = tags.get("custom_rs_class_mode", "")
    return Launch(guest, mode if mode in CLASS_MODES else next(iter(CLASS_MODES)))


def _check_person(session: ks.Ks) -> None:
    if not session.user:
        raise Refused("no-user")
    if session.privileges.get("role") not in ROLES:
        raise Refused("role", field="role")


def _guest(session: ks.Ks, resource: Data) -> Guest:
    privileges = session.privileges
    return Guest(
        partner=session.partner,
        entry=resource | {"id": str(resource["id"])},
        user_id=session.user,
        name=name_of(privileges | {"userId": session.user}),
        email=privileges.get("email", ""),
        role=role_of(privileges),
        kaf_role=privileges["role"],
    )


def _living(world: World, partner: int, what: str, key: str) -> Data:
    """The scheduled event or resource of that id; raises Refused."""
    found = world.store.get(partner, f"schedule_{what}", key)
    if found is None or str(found.get("status")) == _DELETED:
        raise Refused(f"{what}-missing", field=f"{what}Id", seen=key)
    return found


def _booked(world: World, partner: int, event_id: str) -> str:
    """The resource that an event books."""
    for booking in world.store.all(partner, "schedule_event_resource"):
        if str(booking["eventId"]) == event_id:
            return str(booking["resourceId"])
    raise Refused("no-resource", field="eventId", seen=event_id)


def _tags(row: Data) -> dict[str, str]:
    """The tags ``name:value`` of an event or a resource."""
    pairs = (tag.strip().partition(":") for tag in str(row.get("tags") or "").split(","))
    return {name.strip(): value.strip() for name, colon, value in pairs if colon}


def _need_moderator(world: World, guest: Guest) -> None:
    """Without an event a room is open only while somebody runs it."""
    inside = Visits(world.store, world.clock, guest.partner).present(guest.entry["id"])
    if not any(role in ON_STAGE for role in (guest.role, *(visit["role"] for visit in inside))):
        raise Refused("no-moderator")
