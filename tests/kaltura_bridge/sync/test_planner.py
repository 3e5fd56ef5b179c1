"""The three-way compare, by table: base, ours and theirs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kaltura_bridge.models import RemoteLink, SyncTarget
from kaltura_bridge.specs import Kind, Observed, Ref, Spec
from kaltura_bridge.sync.operations import Action, Comparison, changed_by, comparison_of
from kaltura_bridge.sync.planner import Known, layers, plan

NOW = datetime(2030, 5, 6, tzinfo=UTC)
KEY = "portal:a"
ID = (Kind.CATEGORY, KEY)


def category(name="ours", key=KEY, **create_only):
    return Spec(Kind.CATEGORY, key, f"category {name}", {"name": name}, create_only)


def link(remote_id="7", kind=Kind.CATEGORY, key=KEY, **fields):
    target = SyncTarget(pk=1, kind="event")
    return RemoteLink(target=target, kind=str(kind), key=key, remote_id=remote_id, **fields)


def seen(name, remote_id="7", created_at=0):
    return Observed(Kind.CATEGORY, KEY, remote_id, {"name": name}, created_at)


def known(links=(), observed=(), **rest):
    ids = {(Kind(i.kind), i.key): i.remote_id for i in links if i.remote_id}
    found = {ID: list(observed)} if observed else {}
    delay = timedelta(seconds=20)
    return Known(list(links), found, ids=ids, now=NOW, index_delay=delay, **rest)


def only(operations):
    (operation,) = operations
    return operation


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "action", "changed", "drift", "conflicts"),
    [
        ("a", "a", "a", Action.KEEP, {}, {}, {}),
        ("a", "b", "a", Action.UPDATE, {"name": "b"}, {}, {}),
        ("a", "a", "c", Action.KEEP, {}, {"name": ("a", "c")}, {}),
        ("a", "b", "c", Action.KEEP, {}, {}, {"name": ("b", "c")}),
        ("a", "b", "b", Action.KEEP, {}, {}, {}),
    ],
)
def test_field_goes_where_the_three_sides_say(
    base, ours, theirs, action, changed, drift, conflicts
):
    mine = link(pushed={"name": base})

    operation = only(plan({1: [category(ours)]}, known([mine], [seen(theirs)])))

    found = comparison_of(operation)
    assert (operation.action, found.changed, found.drift, found.conflicts) == (
        action,
        changed,
        drift,
        conflicts,
    )


def test_both_moved_to_the_same_is_the_new_base():
    mine = link(pushed={"name": "a"})

    operation = only(plan({1: [category("b")]}, known([mine], [seen("b")])))

    assert (operation.action, comparison_of(operation).agreed) == (Action.KEEP, {"name": "b"})


def test_ignored_field_is_neither_compared_nor_written():
    mine = link(pushed={"name": "a"}, ignored=["name"])

    operation = only(plan({1: [category("b")]}, known([mine], [seen("c")])))

    assert (operation.action, comparison_of(operation)) == (Action.KEEP, Comparison())


@pytest.mark.parametrize("wanted", [True, False])
def test_unlinked_object_is_neither_adopted_nor_made_nor_deleted(wanted):
    mine = link(remote_id=None, unlinked=True)

    operation = only(plan({1: [category()] if wanted else []}, known([mine], [seen("theirs")])))

    assert operation.action is (Action.KEEP if wanted else Action.FORGET)
    assert not operation.needs_call


def test_cancelled_object_counts_as_gone():
    cancelled = Observed(Kind.CATEGORY, KEY, "7", {"name": "ours"}, dead=True)

    operation = only(plan({1: [category()]}, known([link(pushed={"name": "ours"})], [cancelled])))

    assert operation.action is Action.GONE


def test_what_hangs_on_an_object_that_is_made_anew_is_made_anew_too():
    entry = Spec(Kind.ENTRY, KEY, "entry", {"name": "x"}, shape="simulive")
    record = Spec(
        Kind.METADATA, f"{KEY}/P", "record", {"A": "1"}, {"objectId": Ref(Kind.ENTRY, KEY)}
    )
    links = [
        link("0_e", Kind.ENTRY, made_for="|webcast", pushed={"name": "x"}),
        link("5", Kind.METADATA, f"{KEY}/P", made_for="|0_e", pushed={"A": "1"}),
    ]

    operations = plan({1: [entry, record]}, known(links))

    assert [[(str(o.action), o.kind) for o in layer] for layer in layers(operations)] == [
        [("delete", Kind.METADATA), ("delete", Kind.ENTRY)],
        [("create", Kind.ENTRY)],
        [("create", Kind.METADATA)],
    ]


def test_fingerprint_is_of_what_would_be_written():
    first, same, other = (only(plan({1: [category(n)]}, known())) for n in ("a", "a", "b"))

    assert first.fingerprint == same.fingerprint != other.fingerprint


def test_new_object_is_created():
    assert only(plan({1: [category()]}, known())).action is Action.CREATE


def test_object_with_our_key_is_adopted_and_compared_never_made_again():
    operation = only(plan({1: [category()]}, known([], [seen("theirs")])))

    assert (operation.action, changed_by(operation)) == (Action.RELINK, {"name": "ours"})


def test_of_two_with_one_key_the_older_is_adopted_and_the_other_told():
    both = [seen("ours", "9", created_at=20), seen("ours", "8", created_at=10)]

    operation = only(plan({1: [category()]}, known([], both)))

    assert (operation.found.remote_id, operation.duplicates) == ("8", ["9"])


@pytest.mark.parametrize(("age_s", "action"), [(5, Action.WAIT), (25, Action.CREATE)])
def test_add_in_doubt_waits_until_lists_can_tell(age_s, action):
    mine = link(remote_id=None, adding_since=NOW - timedelta(seconds=age_s))

    assert only(plan({1: [category()]}, known([mine]))).action is action


@pytest.mark.parametrize(
    ("remote_id", "age_s", "observed", "action"),
    [
        ("7", 0, [], Action.DELETE),
        (None, 5, [], Action.WAIT),
        (None, 25, [], Action.FORGET),
        (None, 25, [seen("ours")], Action.DELETE),
        (None, 5, [seen("ours")], Action.WAIT),  # it may be what was deleted before
    ],
)
def test_what_is_no_longer_wanted_goes(remote_id, age_s, observed, action):
    mine = link(remote_id, adding_since=NOW - timedelta(seconds=age_s))

    assert only(plan({1: []}, known([mine], observed))).action is action


def test_links_of_targets_not_asked_about_are_left_alone():
    assert plan({}, known([link()])) == []


def test_gone_at_kaltura_is_told_not_made_again():
    mine = link(pushed={"name": "ours"})

    operation = only(plan({1: [category()]}, known([mine], gone=frozenset({ID}))))

    assert operation.action is Action.GONE


def test_object_for_another_owner_replaces_the_old_one_first():
    entry = Ref(Kind.ENTRY, KEY)
    record = Spec(Kind.METADATA, f"{KEY}/P", "record", {}, {"objectId": entry}, variant="P")
    mine = link("3", Kind.METADATA, f"{KEY}/P", made_for="P|1_old")
    other = link("1_new", Kind.ENTRY)

    operations = plan({1: [record]}, known([mine, other]))
    making = [[(o.action, o.key) for o in layer] for layer in layers(operations)]

    assert making == [
        [(Action.DELETE, f"{KEY}/P")],
        [(Action.CREATE, f"{KEY}/P")],
        [(Action.DELETE, KEY)],
    ]


def test_layers_make_parents_first_and_delete_them_last():
    parent = category("parent")
    child = Spec(
        Kind.CATEGORY, "portal:b", "child", {"name": "c", "parentId": Ref(Kind.CATEGORY, KEY)}
    )
    making = [[o.key for o in layer] for layer in layers(plan({1: [child, parent]}, known()))]

    event = link("1", key="portal:event")
    track = link("2", key="portal:track")
    track.target = SyncTarget(pk=1, kind="track")
    deleting = [[o.key for o in layer] for layer in layers(plan({1: []}, known([event, track])))]

    assert making == [[KEY], ["portal:b"]]
    assert deleting == [["portal:track"], ["portal:event"]]
