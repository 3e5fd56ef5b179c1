"""Nothing is deleted at Kaltura that does not carry its link's own key, read just before."""

from __future__ import annotations

import ast
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from events.models import Event, Session, SessionType
from kaltura_bridge.api.adapters.owned import Deletion, OwnedObject
from kaltura_bridge.api.client import Kaltura, new
from kaltura_bridge.api.errors import NotOurs
from kaltura_bridge.api.ownership import calls_for, confirm
from kaltura_bridge.models import EventDelivery, RemoteLink, SyncTarget
from kaltura_bridge.repair import actions
from kaltura_bridge.specs import Kind, key_for
from kaltura_bridge.sync import service
from tests.house import modules
from tests.kaltura_bridge.support.at_kaltura import at_kaltura, held_there, link_of
from tests.kaltura_bridge.support.planning import held, planned_event, settle, states

ROOT = Path(__file__).resolve().parents[3]
ADAPTERS = ROOT / "kaltura_bridge" / "api" / "adapters"


# --- No way round it ------------------------------------------------------------


def calls_named(path: Path, name: str) -> Iterator[ast.Call]:
    """The calls of a function or method of this name in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = node.func
            found = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if found == name:
                yield node


def of_kaltura(call: ast.Call) -> bool:
    """Whether it is called on something of the Kaltura client: ``c.baseEntry.delete(...)``."""
    root = call.func
    while isinstance(root, ast.Attribute):
        root = root.value
    return isinstance(root, ast.Name) and root.id in ("c", "client")


PORTAL = ("portal", "analytics", "kaltura_bridge", "events")


def test_only_adapters_build_a_deletion_and_of_nothing_but_an_owned_object():
    found = {
        path.relative_to(ROOT).as_posix(): [
            {n.id for n in ast.walk(call) if isinstance(n, ast.Name)} for call in built
        ]
        for path in modules(ROOT, *PORTAL)
        if (built := [c for c in calls_named(path, "delete") if of_kaltura(c)])
    }

    allowed = [
        {"c", "owned"},
        {"c", "entry_id", "category_id"},
        {"c", "category_id", "user_id"},
        {"c", "event_id", "resource_id"},
    ]
    # A person who is erased, by the opaque id that nobody but this portal gave them.
    assert found.pop("kaltura_bridge/api/people.py") == [{"c", "user_id"}]
    assert {path.rpartition("/")[0] for path in found} == {"kaltura_bridge/api/adapters"}
    assert [n for names in found.values() for n in names if n not in allowed] == []


def test_every_deletion_of_an_adapter_takes_an_owned_object():
    taken = {
        ast.unparse(node.args.args[1].annotation or ast.Constant("nothing"))
        for path in sorted(ADAPTERS.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name == "delete"
    }

    assert taken == {"OwnedObject"}


def test_owned_objects_are_made_where_they_are_read_and_nowhere_else():
    made = [
        path.relative_to(ROOT).as_posix()
        for path in modules(ROOT, *PORTAL)
        if list(calls_named(path, "OwnedObject"))
    ]

    assert made == ["kaltura_bridge/api/ownership.py"]


def test_there_is_no_owned_object_without_the_key():
    deletion = Deletion(Kind.ENTRY, "0_abcd2345", "portal:mine")
    foreign = new("KalturaLiveStreamEntry", referenceId="portal:yours")

    for bearer in (foreign, new("KalturaLiveStreamEntry"), None):
        with pytest.raises(NotOurs):
            OwnedObject(deletion, bearer)


def test_no_key_is_no_key_of_ours():
    """What carries none is nobody's, and a ghost is only what Kaltura made by itself."""
    keyless = new("KalturaLiveStreamEntry", name="Theirs")
    named = new("KalturaCategory", name="Theirs", description="Our talks")
    deletions = {
        Deletion(Kind.ENTRY, "0_abcd2345", ""): keyless,
        Deletion(Kind.METADATA, "1", "no-profile"): keyless,
        Deletion(Kind.CATEGORY, "1", ""): new("KalturaCategory", name="Theirs"),
        Deletion(Kind.ENTRY, "0_abcd2345", "", is_ghost=True): keyless,
        Deletion(Kind.CATEGORY, "1", "", is_ghost=True): named,
    }

    for deletion, bearer in deletions.items():
        with pytest.raises(NotOurs):
            OwnedObject(deletion, bearer)


# --- At Kaltura -----------------------------------------------------------------


@pytest.fixture
def event(simulator) -> Event:
    planned = planned_event()
    settle(planned)
    return planned


def someone_takes_the_key_of(link: RemoteLink, key: str = "theirs") -> None:
    """Someone at Kaltura labels an object of ours as another's."""
    changes = {
        Kind.ENTRY: lambda c: c.liveStream.update(
            link.remote_id, new("KalturaLiveStreamEntry", referenceId=key)
        ),
        Kind.ROOM: lambda c: c.room.room.update(
            link.remote_id, new("KalturaRoomEntry", referenceId=key)
        ),
        Kind.SCHEDULE_EVENT: lambda c: c.schedule.scheduleEvent.update(
            link.remote_id, new("KalturaLiveStreamScheduleEvent", referenceId=key)
        ),
        Kind.CATEGORY: lambda c: c.category.update(
            link.remote_id, new("KalturaCategory", referenceId=key)
        ),
        Kind.RESOURCE: lambda c: c.schedule.scheduleResource.update(
            link.remote_id, new("KalturaLocationScheduleResource", systemName=key)
        ),
    }
    at_kaltura(changes[Kind(link.kind)])


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
@pytest.mark.parametrize("key", ["theirs", f"portal:{'0' * 8}-{'0000-' * 3}{'0' * 12}"])
def test_what_someone_took_the_key_of_outlives_its_session_with_all_that_hangs_on_it(
    simulator, event, caplog, key
):
    entry = link_of("entry")
    someone_takes_the_key_of(entry, key)
    before = simulator.objects("metadata"), simulator.objects("categoryEntry")

    with caplog.at_level(logging.WARNING, "kaltura_bridge.sync.links"):
        Session.objects.get(title="Keynote").delete()
        settle(event)

    assert (held_there(simulator, "entry", entry.remote_id)["name"], list(states(event))) == (
        "Keynote",
        ["Ethics", "Spring", "Workshop"],
    )
    assert (simulator.objects("metadata"), simulator.objects("categoryEntry")) == before
    assert f"Live entry {entry.remote_id} stays at Kaltura" in caplog.text


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("kind", "title", "held_as"),
    [
        ("room", "Workshop", "entry"),
        ("schedule_event", "Keynote", "scheduleEvent"),
        ("category", "Ethics", "category"),
    ],
)
def test_each_kind_stays_without_its_key(simulator, event, kind, title, held_as):
    link = link_of(kind, title)
    someone_takes_the_key_of(link)

    Event.objects.get().delete()
    service.settle(SyncTarget.objects.all(), 20)

    assert held_there(simulator, held_as, link.remote_id) != {}
    # Kaltura would delete a category with those below it, so that of the event stays as well.
    left = ["Spring"] if kind == "category" else []
    assert list(SyncTarget.objects.values_list("title", flat=True)) == left


@pytest.mark.django_db(transaction=True)
def test_room_of_the_older_form_stays_without_its_key(simulator):
    event = planned_event()
    EventDelivery.objects.create(event=event, room_form="legacy")
    settle(event)
    resource, booking = (
        link_of("schedule_resource", "Workshop"),
        link_of("schedule_event_resource", "Workshop"),
    )
    someone_takes_the_key_of(resource)

    Session.objects.get(title="Workshop").delete()
    settle(event)

    assert held_there(simulator, "scheduleResource", resource.remote_id)["systemName"] == "theirs"
    assert (booking.remote_id or "").split("|")[1] == resource.remote_id
    assert list(states(event)) == ["Ethics", "Keynote", "Spring"]


@pytest.mark.django_db(transaction=True)
def test_what_changes_its_type_leaves_the_old_one_alone_and_gets_a_new_one(simulator, event):
    old = link_of("entry")
    someone_takes_the_key_of(old)

    session = Session.objects.get(title="Keynote")
    session.session_type = SessionType.INTERACTIVE
    session.save()
    settle(event)

    room = link_of("room")
    assert held_there(simulator, "entry", old.remote_id)["referenceId"] == "theirs"
    assert held_there(simulator, "entry", room.remote_id)["referenceId"] == key_for(session.uuid)
    assert states(event)["Keynote"] == ("synced", "")


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_link_that_was_bent_to_another_events_room_deletes_nothing(simulator, event):
    private = planned_event()
    settle(private)
    room = RemoteLink.objects.get(kind="room", target__event_uuid=private.uuid)
    mine = RemoteLink.objects.get(kind="entry", target__event_uuid=event.uuid)
    RemoteLink.objects.filter(pk=mine.pk).update(
        remote_id=room.remote_id, made_for=actions.RECREATE, pushed={}
    )

    Session.objects.get(title="Keynote", event=event).delete()
    settle(event)

    there = held_there(simulator, "entry", room.remote_id)
    assert (there["name"], there["referenceId"]) == ("Workshop", room.key)


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_category_with_others_in_it_stays_until_they_are_moved(simulator, event):
    category = link_of("category", "Spring")
    theirs = new("KalturaCategory", name="Their talks", parentId=int(category.remote_id or 0))
    made = at_kaltura(lambda c: c.category.add(theirs))

    Event.objects.get().delete()
    service.settle(SyncTarget.objects.all(), 20)
    told = SyncTarget.objects.values_list("title", "state", "error").get()
    kept = held_there(simulator, "category", made.id)
    at_kaltura(lambda c: c.category.update(made.id, new("KalturaCategory", parentId=0)))
    actions.retry(SyncTarget.objects.all())
    service.settle(SyncTarget.objects.all(), 20)

    assert told == (
        "Spring",
        "failed",
        "It contains other categories (“Their talks”), which would be deleted too. Move or "
        "delete them at Kaltura, then Retry.",
    )
    assert (kept["name"], held(simulator), SyncTarget.objects.exists()) == (
        "Their talks",
        {},
        False,
    )


@pytest.mark.django_db(transaction=True)
def test_every_deletion_comes_right_after_a_look_at_what_carries_the_key(simulator, event):
    simulator.forget_requests()

    Event.objects.get().delete()
    service.settle(SyncTarget.objects.all(), 20)

    looked: set[str] = set()
    unseen = []
    for call in simulator.requests():
        params = {str(value) for value in call["params"].values()}
        name = f"{call['service']}.{call['action']}".lower()
        if name.endswith(".get"):
            looked |= params
        elif name.endswith(".delete") and not params & looked:
            unseen.append((name, params))
    assert (unseen, held(simulator)) == ([], {})


@pytest.mark.django_db(transaction=True)
def test_look_takes_the_calls_that_plans_count(simulator, event):
    links = list(RemoteLink.objects.all())
    deletions = [Deletion(Kind(i.kind), str(i.remote_id), i.key) for i in links]
    kaltura = Kaltura()

    answers = confirm(kaltura, deletions)

    assert {type(answer).__name__ for answer in answers} == {"OwnedObject", "NotEmpty"}
    assert kaltura.calls <= calls_for([d.kind for d in deletions])
