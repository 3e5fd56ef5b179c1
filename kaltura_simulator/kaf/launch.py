"""The older rooms: a schedule resource whose tags make it a room, alone or booked by an event."""

from __future__ import annotations

from dataclasses import dataclass

from kaltura_simulator.api import ks
from kaltura_simulator.kaf.access import ON_STAGE, AdmittedUser, name_of, role_of
from kaltura_simulator.kaf.refusals import PageRefused
from kaltura_simulator.rules import schedule
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.visits import Visits
from kaltura_simulator.state.world import World

ROLES = frozenset({"viewerRole", "adminRole"})
#: The modes of a room (its tag ``custom_rs_class_mode``), with labels; the first is the default.
CLASS_MODES = {"virtual_classroom": "Virtual classroom", "webinar": "Webinar"}


@dataclass(frozen=True)
class RoomLaunch:
    """A participant of an older room; the ``entry`` is its schedule resource."""

    participant: AdmittedUser
    class_mode: str


def check_launch(world: World, session: ks.Ks) -> RoomLaunch:
    """The participant, if a valid session opens its older room; raises PageRefused."""
    privileges = session.privileges
    event_id, resource_id = (privileges.get(n, "").strip() for n in ("eventId", "resourceId"))
    _check_user(session)
    if bool(event_id) == bool(resource_id):
        raise PageRefused("place", field="eventId")
    event = _existing(world, session.partner, "event", event_id) if event_id else None
    resource = _existing(
        world,
        session.partner,
        "resource",
        _booked_resource(world, session.partner, event_id) if event_id else resource_id,
    )
    tags = _tags(resource) | (_tags(event) if event else {})
    if tags.get("vcprovider") != "newrow":
        raise PageRefused("not-newrow", seen=str(resource["id"]))
    participant = _participant(session, resource)
    if event is None:
        _require_moderator(world, participant)
    mode = tags.get("custom_rs_class_mode", "")
    return RoomLaunch(participant, mode if mode in CLASS_MODES else next(iter(CLASS_MODES)))


def _check_user(session: ks.Ks) -> None:
    if not session.user:
        raise PageRefused("no-user")
    if session.privileges.get("role") not in ROLES:
        raise PageRefused("role", field="role")


def _participant(session: ks.Ks, resource: Data) -> AdmittedUser:
    privileges = session.privileges
    return AdmittedUser(
        partner=session.partner,
        entry=resource | {"id": str(resource["id"])},
        user_id=session.user,
        name=name_of(privileges | {"userId": session.user}),
        email=privileges.get("email", ""),
        role=role_of(privileges),
        kaf_role=privileges["role"],
    )


def _existing(world: World, partner: int, what: str, key: str) -> Data:
    """The scheduled event or resource of that id; raises PageRefused."""
    found = world.store.get(partner, f"schedule_{what}", key)
    if found is None or found["status"] == schedule.DELETED:
        raise PageRefused(f"{what}-missing", field=f"{what}Id", seen=key)
    return found


def _booked_resource(world: World, partner: int, event_id: str) -> str:
    """The resource that an event books."""
    for booking in world.store.all(partner, "schedule_event_resource"):
        if str(booking["eventId"]) == event_id:
            return str(booking["resourceId"])
    raise PageRefused("no-resource", field="eventId", seen=event_id)


def _tags(row: Data) -> dict[str, str]:
    """The tags ``name:value`` of an event or a resource."""
    pairs = (tag.strip().partition(":") for tag in str(row.get("tags") or "").split(","))
    return {name.strip(): value.strip() for name, colon, value in pairs if colon}


def _require_moderator(world: World, participant: AdmittedUser) -> None:
    """Without an event a room is open only while a moderator is in it."""
    visits = Visits(world.store, world.clock, participant.partner)
    roles = {visit["role"] for visit in visits.present(participant.entry["id"])}
    if not ON_STAGE & (roles | {participant.role}):
        raise PageRefused("no-moderator")
