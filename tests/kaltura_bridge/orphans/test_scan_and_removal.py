"""What carries our key at Kaltura and has no owner here is listed, and deleted only by choice."""

from __future__ import annotations

import json
import logging
import uuid
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from kaltura_bridge.api.client import Kaltura, Request, new
from kaltura_bridge.api.errors import KalturaError
from kaltura_bridge.models import (
    OrphanScan,
    Recording,
    RecordingChange,
    RecordingChangeKind,
    RemoteLink,
    SessionDelivery,
    SyncTarget,
)
from kaltura_bridge.orphans import removal, scan
from kaltura_bridge.orphans.scan import Orphan, OrphanReason
from kaltura_bridge.recordings.ownership import made_key
from kaltura_bridge.specs import Kind, uuid_of_key
from kaltura_bridge.sync import reconcile
from tests.factories import EventFactory, TrackFactory, WebcastFactory
from tests.kaltura_bridge.support.planning import exactly_planned, in_step, planned_event, settle

pytestmark = [pytest.mark.django_db(transaction=True)]

NINE = datetime(2030, 5, 6, 9, tzinfo=UTC)


# ------------------------------------------------------------------ at Kaltura
def ask(call):
    answer = Kaltura().ask([Request(call)])[0]
    assert not isinstance(answer, KalturaError), answer
    return answer


def make_entry(key, name="Lost"):
    entry = new("KalturaLiveStreamEntry", referenceId=key, name=name, mediaType=201)
    return ask(lambda c: c.liveStream.add(entry, 32)).id


def make_room(key, name="Lost room"):
    room = new("KalturaRoomEntry", referenceId=key, name=name, roomType=1)
    return ask(lambda c: c.room.room.add(room)).id


def make_category(key, name="Lost category", parent=None):
    if parent is None:
        listed = ask(lambda c: c.category.list(new("KalturaCategoryFilter", fullNameEqual=PARENT)))
        parent = listed.objects[0].id
    category = new("KalturaCategory", referenceId=key, name=name, parentId=parent)
    return str(ask(lambda c: c.category.add(category)).id)


PARENT = "KAF>site>channels"


def make_event(key, name="Lost event"):
    start = int(NINE.timestamp())
    event = new(
        "KalturaRecordScheduleEvent",
        referenceId=key,
        summary=name,
        startDate=start,
        endDate=start + 600,
        recurrenceType=0,
    )
    return str(ask(lambda c: c.schedule.scheduleEvent.add(event)).id)


def make_resource(key, name="Lost resource"):
    resource = new("KalturaLocationScheduleResource", systemName=key, name=name)
    return str(ask(lambda c: c.schedule.scheduleResource.add(resource)).id)


def a_key(suffix=""):
    return f"portal:{uuid.uuid4()}{suffix}"


def found(page_size=500):
    return scan.find_orphans(Kaltura(), page_size)


def refs(page_size=500):
    return [orphan.ref for orphan in found(page_size)]


# ------------------------------------------------------------------------ keys
@pytest.mark.parametrize(
    ("key", "ours"),
    [
        ("portal:6f1c2b52-0c0d-4f3e-9a53-0d1f1d0f8a11", True),
        ("portal:6f1c2b52-0c0d-4f3e-9a53-0d1f1d0f8a11/studio", True),
        ("portal:6f1c2b52-0c0d-4f3e-9a53-0d1f1d0f8a11x", False),
        ("portal:6f1c2b52", False),
        ("another:6f1c2b52-0c0d-4f3e-9a53-0d1f1d0f8a11", False),
        ("", False),
    ],
)
def test_only_our_own_form_of_key_is_ours(key, ours):
    wanted = uuid.UUID("6f1c2b52-0c0d-4f3e-9a53-0d1f1d0f8a11") if ours else None
    assert uuid_of_key(key) == wanted


# -------------------------------------------------------------------- the list
def test_nothing_of_a_planned_event_is_an_orphan(simulator):
    event = planned_event()
    settle(event)

    assert (found(), exactly_planned(event, simulator)) == ([], True)


def test_each_kind_is_found_with_what_it_is(simulator):
    keys = [a_key(), a_key(), a_key("/studio"), a_key(), a_key("/redirect")]
    made = [
        f"schedule_event:{make_event(keys[0])}",
        f"schedule_resource:{make_resource(keys[1])}",
        f"room:{make_room(keys[2])}",
        f"entry:{make_entry(keys[3])}",
        f"category:{make_category(keys[4])}",
    ]
    before = datetime.now(UTC) - timedelta(minutes=1)

    listed = found()

    names = ["Lost event", "Lost resource", "Lost room", "Lost", "Lost category"]
    seen = [(o.ref, o.key, o.name, o.reason) for o in listed]
    assert seen == [
        (ref, key, name, OrphanReason.ORPHAN)
        for ref, key, name in zip(made, keys, names, strict=True)
    ]
    assert {before < o.created_at <= o.updated_at < datetime.now(UTC) for o in listed} == {True}


def make_video(key, name="Better"):
    return ask(
        lambda c: c.media.add(new("KalturaMediaEntry", referenceId=key, name=name, mediaType=1))
    ).id


def test_a_video_that_was_made_for_a_session_is_found_once_nobody_has_it(simulator):
    session = WebcastFactory()
    settle(session.event)
    order = RecordingChange.objects.create(session=session, kind=RecordingChangeKind.UPLOAD)
    key = made_key(session, order.key)
    video, twice = make_video(key), make_video(key)
    stranger = make_video("recording-of-somebody-else")
    assert found() == []  # the order is not done

    now = timezone.now()
    RecordingChange.objects.update(state="done", entry_id=video, finished_at=now)
    row = Recording.objects.create(
        session=session, entry_id=video, origin="replaced", state="ready", recorded_at=now
    )
    assert [(o.ref, o.reason) for o in found()] == [(f"entry:{twice}", OrphanReason.DUPLICATE)]

    # What another session plays stays though nobody lists it any more.
    row.delete()
    other = SessionDelivery.objects.create(session=WebcastFactory(), source_entry_id=video)
    assert refs() == [f"entry:{twice}"]
    other.delete()
    session.delete()
    listed = found()
    assert {(o.ref, o.reason) for o in listed} == {
        (f"entry:{each}", OrphanReason.ORPHAN) for each in (video, twice)
    }
    removals = removal.remove(Kaltura(), listed, [f"entry:{video}"], "test")
    assert [(r.ref, r.deleted) for r in removals] == [(f"entry:{video}", True)]
    assert {stranger, twice} <= {row["id"] for row in simulator.objects("media")}
    assert refs() == [f"entry:{twice}"]


def test_what_is_left_of_a_lost_event_is_found_with_children_first(simulator):
    event = planned_event()
    settle(event)
    event.delete()
    SyncTarget.objects.all().delete()

    listed = found()

    assert [o.kind for o in listed] == [
        *[Kind.SCHEDULE_EVENT] * 2,
        Kind.ROOM,
        Kind.ENTRY,
        *[Kind.CATEGORY] * 2,
    ]
    assert [o.name for o in listed if o.kind is Kind.CATEGORY] == ["Ethics", "Spring"]


def test_objects_of_others_are_not_listed(simulator):
    make_entry("somebody:1")
    make_room("portal:not-a-uuid")
    make_event(f"{a_key()}x")
    make_category(a_key(), "Elsewhere", parent=0)

    assert found() == []


def test_all_pages_are_read_even_of_one_second(simulator):
    simulator.freeze()
    one_second = {make_entry(a_key()) for _ in range(5)}
    simulator.freeze(False)
    simulator.advance(5)
    later = {make_room(a_key()) for _ in range(3)}

    wanted = sorted(f"entry:{i}" for i in one_second) + sorted(f"room:{i}" for i in later)
    for page_size in (1, 2, 3, 500):
        assert sorted(refs(page_size)) == wanted, page_size


def test_first_page_names_no_moment(simulator):
    """Kaltura reads small numbers as counted from now: 0 would hide everything."""
    make_entry(a_key())
    simulator.forget_requests()
    found(1)

    filters = [call["params"]["filter"] for call in simulator.requests("baseEntry.list")]
    asked = [each for each in filters if "typeIn" in each]
    moments = [filter_.get("createdAtGreaterThanOrEqual") for filter_ in asked]
    assert (moments[0], all(int(moment) > 10**9 for moment in moments[1:])) == (None, True)
    assert len(moments) > 1


def test_deleted_object_that_lists_still_show_is_not_listed(simulator):
    entry = make_entry(a_key())
    simulator.set_index_delay(30)
    ask(lambda c: c.baseEntry.delete(entry))

    assert found() == []


def test_create_that_may_have_happened_is_no_orphan(simulator, settings):
    event = planned_event()
    simulator.lose_reply("liveStream.add")
    settle(event, 0)
    pending = RemoteLink.objects.filter(kind="entry", remote_id=None)

    listed = found()

    assert (pending.exists(), listed) == (True, [])
    settle(event, 30)
    assert (in_step(event), found()) == (True, [])


@pytest.mark.postgres
def test_planned_object_on_its_way_to_finding_its_own_is_no_orphan(simulator):
    session = WebcastFactory()
    make_entry(f"portal:{session.uuid}")
    waiting = found()
    SyncTarget.objects.all().delete()
    untouched = found()

    assert (waiting, untouched) == ([], [])


def test_leftover_of_an_object_in_step_is_an_orphan(simulator):
    session = WebcastFactory()
    settle(session.event)
    room = make_room(f"portal:{session.uuid}")

    assert refs() == [f"room:{room}"]


@pytest.mark.postgres
def test_double_of_a_linked_object_is_told_as_such(simulator):
    session = WebcastFactory()
    settle(session.event)
    copy = make_entry(f"portal:{session.uuid}", "Copy")

    assert [(o.ref, o.name, o.reason) for o in found()] == [(f"entry:{copy}", "Copy", "double")]


def test_double_is_told_while_its_owner_waits(simulator):
    session = WebcastFactory()
    settle(session.event)
    copy = make_entry(f"portal:{session.uuid}", "Copy")
    SyncTarget.objects.update(state="pending")

    assert refs() == [f"entry:{copy}"]


def test_object_that_a_person_unlinked_is_left_alone(simulator):
    session = WebcastFactory()
    settle(session.event)
    RemoteLink.objects.filter(kind="entry").update(unlinked=True)
    make_entry(f"portal:{session.uuid}", "Copy")

    assert found() == []


# ----------------------------------------------------------------- the command
def run(*words):
    """Exit code and output."""
    out = StringIO()
    try:
        call_command("kaltura_orphans", *words, stdout=out)
    except SystemExit as ended:
        return ended.code, out.getvalue()
    return 0, out.getvalue()


def as_json(*words):
    code, output = run(*words, "--json")
    return code, json.loads(output)


def test_command_prints_the_contract(simulator):
    key, now = a_key(), datetime.now(UTC)
    simulator.set_clock((now - timedelta(days=3, hours=1)).timestamp())
    entry = make_entry(key)
    simulator.set_clock(now.timestamp())

    code, said = as_json()

    (row,) = said["orphans"]
    made = datetime.fromisoformat(row["created_at"])
    assert (code, made.tzinfo is not None, row["updated_at"] >= row["created_at"]) == (
        1,
        True,
        True,
    )
    assert {name: row[name] for name in ("kind", "remote_id", "key", "name", "age_days")} == {
        "kind": "entry",
        "remote_id": entry,
        "key": key,
        "name": "Lost",
        "age_days": 3,
    }


def test_age_is_counted_in_days():
    made = timezone.now() - timedelta(days=3, hours=2)
    orphan = Orphan(Kind.ENTRY, "1_a", a_key(), "Lost", made, made)

    assert (orphan.age_days, Orphan.from_json(orphan.as_json()).ref) == (3, "entry:1_a")


def test_command_without_orphans_ends_well(simulator):
    assert as_json() == (0, {"orphans": []})
    assert run() == (0, "There are no orphans.\n")


def test_command_says_in_words_what_to_think_of(simulator):
    entry = make_entry(a_key())

    code, output = run()

    first, second = output.splitlines()
    assert (code, first.startswith(f"entry:{entry} “Lost”, orphan, 0 days old")) == (1, True)
    assert second.startswith("Objects of another portal on the same account look just the same.")


def test_command_tells_when_kaltura_cannot_be_read(simulator):
    simulator.refuse()

    with pytest.raises(CommandError) as told:
        run()

    assert str(told.value).startswith("Kaltura does not answer")


# -------------------------------------------------------------------- deletion
def entry_ids(simulator):
    return {row["id"] for row in simulator.objects("entry")}


def test_only_what_is_named_is_deleted_and_logged(simulator, caplog):
    chosen, other = make_entry(a_key()), make_entry(a_key(), "Other")
    before = entry_ids(simulator)
    run()

    with caplog.at_level(logging.WARNING, "kaltura_bridge.orphans.removal"):
        code, said = as_json("--delete", f"entry:{chosen}")

    assert (code, before - entry_ids(simulator)) == (0, {chosen})
    assert said["removals"] == [
        {"kind": "entry", "remote_id": chosen, "name": "Lost", "deleted": True, "reason": ""}
    ]
    assert [row["remote_id"] for row in said["orphans"]] == [other]
    assert caplog.messages == [f"The command line deleted entry:{chosen} “Lost” at Kaltura"]


@pytest.mark.postgres
def test_whole_lost_event_can_be_deleted_at_once(simulator):
    lost, kept = planned_event(), other_event()
    for event in (lost, kept):
        settle(event)
    lost.delete()
    SyncTarget.objects.exclude(event_uuid=kept.uuid).delete()
    _, said = as_json()
    words = [w for r in said["orphans"] for w in ("--delete", f"{r['kind']}:{r['remote_id']}")]

    code, said = as_json(*words)

    assert (code, said["orphans"], [r["reason"] for r in said["removals"]]) == (0, [], [""] * 6)
    assert (found(), exactly_planned(kept, simulator)) == ([], True)


def other_event():
    event = EventFactory(title="Autumn")
    WebcastFactory(event=event, track=TrackFactory(event=event, name="Law"), title="Panel")
    return event


def refusals(*words):
    code, said = as_json(*(w for word in words for w in ("--delete", word)))
    return code, [row["reason"] for row in said["removals"]]


def test_what_was_never_listed_is_not_deleted(simulator):
    run()
    entry = make_entry(a_key())

    assert refusals(f"entry:{entry}", "nonsense") == (1, [removal.NOT_LISTED] * 2)
    assert entry in entry_ids(simulator)


def test_nothing_is_deleted_before_a_list_was_made(simulator):
    with pytest.raises(CommandError, match="There is no list yet"):
        run("--delete", "entry:1_abcd2345")


def test_orphan_that_found_its_owner_meanwhile_is_not_deleted(simulator):
    key = a_key()
    entry = make_entry(key, "Found again")
    run()
    session = WebcastFactory(uuid=uuid_of_key(key), title="Found again")
    settle(session.event)
    adopted = RemoteLink.objects.get(kind="entry").remote_id

    outcome = refusals(f"entry:{entry}")

    assert (adopted, outcome) == (entry, (1, [removal.OWNED]))
    assert entry in entry_ids(simulator)


def test_orphan_changed_since_it_was_listed_is_not_deleted(simulator):
    entry = make_entry(a_key())
    run()
    simulator.advance(60)
    ask(lambda c: c.liveStream.update(entry, new("KalturaLiveStreamEntry", name="Mine now")))

    assert refusals(f"entry:{entry}") == (1, [removal.CHANGED])
    assert entry in entry_ids(simulator)


def test_orphan_that_gave_its_key_away_is_not_deleted(simulator):
    entry = make_entry(a_key())
    run()
    ask(
        lambda c: c.liveStream.update(
            entry, new("KalturaLiveStreamEntry", referenceId="somebody-else")
        )
    )

    assert refusals(f"entry:{entry}") == (1, [removal.GONE])
    assert entry in entry_ids(simulator)


def test_orphan_that_is_gone_already_is_told(simulator):
    entry = make_entry(a_key())
    run()
    ask(lambda c: c.baseEntry.delete(entry))

    assert refusals(f"entry:{entry}") == (1, [removal.GONE])


def test_category_with_others_below_it_is_not_deleted(simulator):
    top = make_category(a_key())
    make_category("somebody:1", "Their talks", parent=int(top))
    run()

    code, (reason,) = refusals(f"category:{top}")

    assert (code, reason) == (
        1,
        "It contains other categories (“Their talks”), which would be deleted too.",
    )
    assert int(top) in {row["id"] for row in simulator.objects("category")}


def test_category_changed_since_it_was_listed_is_not_deleted(simulator):
    category = make_category(a_key())
    run()
    simulator.advance(60)
    ask(lambda c: c.category.update(category, new("KalturaCategory", name="Mine now")))

    assert refusals(f"category:{category}") == (1, [removal.CHANGED])


def test_stream_on_air_is_not_deleted(simulator):
    entry = make_entry(a_key())
    simulator.switch(entry, "on_air")
    run()

    code, (reason,) = refusals(f"entry:{entry}")

    assert (code, reason.split(" (")[0]) == (1, "Kaltura refused to delete live entry “Lost”")
    assert entry in entry_ids(simulator)


def test_when_kaltura_is_silent_the_rest_is_not_tried(simulator):
    first, second = make_entry(a_key()), make_entry(a_key())
    run()
    simulator.refuse("baseEntry.delete")

    code, (told, rest) = refusals(f"entry:{first}", f"entry:{second}")

    assert (code, told.split(" (")[0]) == (1, "Kaltura does not answer")
    assert rest == "Not tried, because Kaltura does not answer."
    assert {first, second} <= entry_ids(simulator)


def test_sweep_deletes_no_orphan_and_forgets_old_lists(simulator):
    entry = make_entry(a_key())
    for days in (40, 31, 1):
        asked = timezone.now() - timedelta(days=days)
        OrphanScan.objects.create(asked_at=asked, finished_at=asked)

    reconcile.sweep()

    assert entry in entry_ids(simulator)
    assert OrphanScan.objects.count() == 1
