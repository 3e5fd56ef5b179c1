"""Orders of the desk that stop half-way: nothing is cut twice, made twice or told too early."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from kaltura_bridge.api.client import Kaltura, Request
from kaltura_bridge.models import (
    Recording,
    RecordingChange,
    RecordingChangeKind,
    RecordingChangeState,
    RecordingLook,
)
from kaltura_bridge.recordings import changing, looking
from tests.kaltura_bridge.recordings.test_desk import (
    action_url,
    changes,
    confirm,
    planner_of,
    recorded_session,
    worked,
)
from tests.kaltura_bridge.support.recorded import last_look, processed, rows

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

KEY = "0b0f6f6e-7d7b-4f5c-9d9e-0c6c7f3f4a12"
DONE, FAILED = RecordingChangeState.DONE, RecordingChangeState.FAILED
WAITING, PROCESSING = RecordingChangeState.WAITING, RecordingChangeState.PROCESSING


def ours(simulator):
    """The videos that the portal made at Kaltura."""
    made = simulator.objects("entry")
    return [each for each in made if "/recording-" in str(each.get("referenceId"))]


def order_cut(recording, kind=RecordingChangeKind.TRIM, start_s=60, length_s=180, seen_s=600):
    """A cut that somebody ordered while the recording was ``seen_s`` long."""
    return RecordingChange.objects.create(
        session=recording.session,
        kind=kind,
        source=recording,
        start_ms=1000 * start_s,
        length_ms=1000 * length_s,
        length_before_ms=1000 * seen_s,
    )


@pytest.mark.parametrize("kind", [RecordingChangeKind.TRIM, RecordingChangeKind.CLIP])
def test_a_cut_is_not_made_of_what_was_cut_since_it_was_ordered(simulator, kind):
    session = recorded_session(simulator)
    row = rows(session)[0]
    order_cut(row, length_s=480)
    later = order_cut(row, kind)
    soon = timezone.now() + timedelta(hours=1)
    RecordingChange.objects.filter(pk=later.pk).update(next_attempt_at=soon)
    worked()
    processed(simulator)
    worked()
    RecordingChange.objects.filter(pk=later.pk).update(next_attempt_at=timezone.now())
    worked()

    assert [state for _kind, state, _error in changes()] == [DONE, FAILED]
    assert "not as long any more" in changes()[1][2]
    assert [(r.seconds, r.is_changing) for r in rows(session)] == [(480, False)]
    assert (simulator.calls("media.updateContent"), ours(simulator)) == (1, [])


def test_a_cut_waits_until_the_one_before_it_is_done(simulator):
    session = recorded_session(simulator)
    client, row = planner_of(session), rows(session)[0]
    confirm(client, session, "trim", recording=row.pk, start="1:00", end="9:00")
    sent = {"recording": row.pk, "start": "1:00", "end": "4:00", "key": KEY}
    for action in ("trim", "clip"):
        plan = client.get(action_url(session, action), sent).context["plan"]
        assert "not done yet" in plan.refusal
    worked()
    processed(simulator)
    worked()
    assert [r.seconds for r in rows(session)] == [480]
    assert client.get(action_url(session, "trim"), sent).context["plan"].can_be_done


def test_a_look_that_began_before_the_cut_was_sent_does_not_end_it(simulator, monkeypatch):
    session = recorded_session(simulator)
    order_cut(rows(session)[0], start_s=30, length_s=510)
    ask = looking._ask

    def ask_slowly(kaltura, places):
        asked = ask(kaltura, places)
        changing.run_due(10)  # another worker, in between
        return asked

    monkeypatch.setattr(looking, "_ask", ask_slowly)
    RecordingLook.objects.update(next_look_at=timezone.now())
    looking.look_due(0.01)
    monkeypatch.undo()
    assert changes() == [("trim", PROCESSING, "")]
    processed(simulator)
    worked()
    assert changes() == [("trim", DONE, "")]
    assert [r.seconds for r in rows(session)] == [510]


def test_a_cut_that_kaltura_gives_up_is_told_and_cancelled(simulator):
    session = recorded_session(simulator)
    row = rows(session)[0]
    order_cut(row)
    changing.run_due(10)
    simulator.fail_replacement(row.entry_id)
    worked()
    worked()

    assert [state for _kind, state, _error in changes()] == [FAILED]
    assert "Kaltura could not cut it" in changes()[0][2]
    assert simulator.calls("media.cancelReplace") == 1
    assert [(r.seconds, r.is_changing) for r in rows(session)] == [(600, False)]


def test_a_cut_that_somebody_cancels_at_kaltura_is_not_done(simulator):
    session = recorded_session(simulator)
    row = rows(session)[0]
    order_cut(row)
    changing.run_due(10)
    Kaltura().ask([Request(lambda c: c.media.cancelReplace(row.entry_id), write=True)])
    RecordingChange.objects.update(adding_since=timezone.now() - timedelta(hours=1))
    worked()
    assert [state for _kind, state, _error in changes()] == [FAILED]


def test_looks_for_a_cut_that_never_ends_grow_rare_and_end(simulator):
    session = recorded_session(simulator)
    order_cut(rows(session)[0])
    changing.run_due(10)
    now = timezone.now()
    for age, least, state in (
        (timedelta(days=2), timedelta(minutes=9), PROCESSING),
        (timedelta(days=8), timedelta(minutes=9), FAILED),
    ):
        RecordingChange.objects.update(asked_at=now - age)
        type(session).objects.update(starts_at=now - 2 * age, ends_at=now - age)
        Recording.objects.update(recorded_at=now - age)
        worked()
        assert last_look(session).next_look_at - timezone.now() > least
        assert changes()[0][1] == state


def test_two_workers_make_one_video_though_one_sleeps_over_its_claim(simulator, monkeypatch):
    session = recorded_session(simulator)
    order_cut(rows(session)[0], RecordingChangeKind.CLIP)
    added, calls = changing._added, []

    def added_late(change, kaltura):
        calls.append(change)
        if len(calls) == 1:
            RecordingChange.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
            changing.run_due(5)
        return added(change, kaltura)

    monkeypatch.setattr(changing, "_added", added_late)
    changing.run_due(5)
    assert (len(calls), len(ours(simulator))) == (2, 1)
    assert changes() == [("clip", PROCESSING, "")]


def test_an_add_that_ends_with_an_error_of_kaltura_is_looked_for_first(simulator):
    session = recorded_session(simulator)
    order_cut(rows(session)[0], RecordingChangeKind.CLIP)
    simulator.answer_with("media.add", "INTERNAL_SERVERL_ERROR")
    changing.run_due(5)
    change = RecordingChange.objects.get()
    assert (change.state, change.adding_since is None) == (WAITING, False)


def test_nothing_empty_stays_at_kaltura_when_an_order_fails(simulator):
    session = recorded_session(simulator)
    order_cut(rows(session)[0], RecordingChangeKind.CLIP)
    simulator.answer_with(
        "media.addContent", "SERVICE_FORBIDDEN", SERVICE="media", ACTION="addContent"
    )
    worked()
    assert [state for _kind, state, _error in changes()] == [FAILED]
    assert (simulator.calls("media.add"), ours(simulator)) == (1, [])
