"""The recordings desk: what a planner sees and does, and what becomes of it at Kaltura."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from events.models import SessionType, TeamRole
from kaltura_bridge.join.destination import destination_of
from kaltura_bridge.models import (
    EventDelivery,
    Recording,
    RecordingChange,
    RecordingChangeState,
    RecordingLook,
    RecordingStatus,
)
from kaltura_bridge.recordings import changing
from kaltura_bridge.recordings.desk import DeskFilter
from kaltura_bridge.recordings.looking import look_due
from kaltura_bridge.recordings.orders import LEAVES_GALLERY
from tests.factories import EventFactory, SessionFactory, TeamMemberFactory
from tests.kaltura_bridge.support.joining import signed_in
from tests.kaltura_bridge.support.recorded import (
    broadcast,
    held_session,
    look,
    place_id,
    processed,
    rows,
    shown,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


def planner_of(session, role=TeamRole.MANAGER):
    return signed_in(TeamMemberFactory(event=session.event, role=role).user)


def recorded_session(simulator, **fields):
    """A session with one recording of ten minutes, ready and seen."""
    session = held_session(**fields)
    broadcast(simulator, session, 600)
    processed(simulator)
    look(session)
    return session


def action_url(session, action):
    return reverse("admin:kaltura_bridge_recording_action", args=[session.pk, action])


def hidden_in(page) -> dict[str, str]:
    """The fields of the form that confirms."""
    form = page.content.decode().rpartition('<form method="post"')[2]
    found = {name: unescape(value) for name, value in HIDDEN.findall(form)}
    return {**found, "confirmed": "1"}


def confirm(client, session, action, **fields):
    """Look at the preview and say yes; what the desk says then."""
    opened = client.get(action_url(session, action), {"recording": fields.get("recording", "")})
    key = opened.context["form"].initial.get("key") or ""
    page = client.get(action_url(session, action), {"key": key, **fields})
    assert page.context["plan"] and page.context["plan"].can_be_done, page.content.decode()
    answer = client.post(action_url(session, action), hidden_in(page), follow=True)
    return [str(message) for message in answer.context["messages"]]


def worked() -> None:
    """What the worker does with its next round."""
    changing.run_due(10)
    RecordingLook.objects.update(next_look_at=timezone.now())
    look_due(10)


def changes():
    return [(c.kind, c.state, c.error) for c in RecordingChange.objects.order_by("pk")]


def test_hide_and_publish_say_what_they_do_and_leave_a_trail(simulator):
    session = recorded_session(simulator)
    client, row = planner_of(session), rows(session)[0]

    assert confirm(client, session, "hide", recording=row.pk) == ["The recording is hidden."]
    assert destination_of(session).recording_id == ""
    again = client.get(action_url(session, "hide"), {"recording": row.pk})
    assert again.context["plan"].already == "It is hidden already."
    assert confirm(client, session, "publish", recording=row.pk) == ["The recording is published."]
    assert destination_of(session).recording_id == row.entry_id
    said = LogEntry.objects.order_by("pk").values_list("change_message", flat=True)
    assert [text.partition(": ")[2].partition(":")[0] for text in said] == ["hide", "publish"]


def test_hide_says_what_becomes_of_kalturas_gallery(simulator):
    session = recorded_session(simulator)
    client, chosen = planner_of(session), {"recording": rows(session)[0].pk}

    without = client.get(action_url(session, "hide"), chosen).context["plan"]
    EventDelivery.objects.create(event=session.event, gallery=True)
    beside = client.get(action_url(session, "hide"), chosen).context["plan"]

    assert beside.viewers == f"{without.viewers} {LEAVES_GALLERY}"


def test_choosing_another_main_one_stays_whatever_is_recorded_later(simulator):
    session = held_session(session_type=SessionType.INTERACTIVE)
    first, second = (simulator.record_room(place_id(session), s) for s in (60, 120))
    processed(simulator)
    look(session)
    client = planner_of(session)
    by_id = {row.entry_id: row for row in rows(session)}
    other = first if by_id[second].is_main else second

    confirm(client, session, "choose", recording=by_id[other].pk)
    simulator.record_room(place_id(session), 180)
    processed(simulator)
    look(session)

    assert {row.entry_id: row.is_main for row in rows(session) if row.is_main} == {other: True}
    assert destination_of(session).recording_id == other


def test_a_new_video_is_cut_once_and_replaces_the_recording(simulator):
    session = recorded_session(simulator)
    client, row = planner_of(session), rows(session)[0]
    fields = {"recording": row.pk, "start": "1:00", "end": "4:00", "name": "Cut", "replaces": "on"}
    key = client.get(action_url(session, "clip"), {"recording": row.pk}).context["form"]
    fields["key"] = key.initial["key"]
    page = client.get(action_url(session, "clip"), fields)
    assert "1:00 to 4:00" in " ".join(page.context["plan"].what)
    for _ in range(2):  # somebody presses twice
        client.post(action_url(session, "clip"), hidden_in(page))
    assert changes() == [("clip", RecordingChangeState.WAITING, "")]

    # The answer to the add is lost, and the worker that comes next finds what was made.
    simulator.lose_reply("media.add")
    worked()
    assert changes()[0][1] == RecordingChangeState.WAITING
    RecordingChange.objects.update(
        next_attempt_at=timezone.now(), adding_since=timezone.now() - timedelta(hours=1)
    )
    worked()
    processed(simulator)
    worked()

    assert changes() == [("clip", RecordingChangeState.DONE, "")]
    made = [each for each in simulator.objects("entry") if each["name"] == "Cut"]
    assert [each["operationAttributes"][0]["offset"] for each in made] == [60000]
    clip = Recording.objects.get(entry_id=made[0]["id"])
    assert (clip.seconds, clip.origin, clip.is_main, clip.is_shown) == (180, "replaced", True, True)
    row.refresh_from_db()
    assert (row.is_published, row.is_main, row.seconds) == (False, False, 600)
    assert destination_of(session).recording_id == clip.entry_id


def test_the_recording_itself_is_cut_once_though_the_answer_is_lost(simulator):
    session = recorded_session(simulator)
    client, row = planner_of(session), rows(session)[0]
    confirm(client, session, "trim", recording=row.pk, start="0:30", end="9:00")
    simulator.lose_reply("media.updateContent")
    worked()
    assert changes()[0][:2] == ("trim", RecordingChangeState.WAITING)
    processed(simulator)
    RecordingChange.objects.update(next_attempt_at=timezone.now())
    worked()
    worked()

    assert changes() == [("trim", RecordingChangeState.DONE, "")]
    assert simulator.calls("media.updateContent") == 1
    assert [(r.entry_id, r.seconds, r.is_changing) for r in rows(session)] == [
        (row.entry_id, 510, False)
    ]


@pytest.mark.parametrize("action", ["trim", "clip"])
def test_recording_that_is_cut_between_preview_and_yes_is_left_alone(simulator, action):
    session = recorded_session(simulator)
    client, row = planner_of(session), rows(session)[0]
    opened = client.get(action_url(session, action), {"recording": row.pk}).context["form"]
    asked = opened.initial | {"start": "1:00", "end": ""}
    page = client.get(action_url(session, action), asked)
    assert page.context["plan"].can_be_done
    Recording.objects.update(seconds=480)

    late = client.post(action_url(session, action), hidden_in(page))
    again = client.get(action_url(session, action), asked)
    unsaid = client.post(action_url(session, action), {**hidden_in(page), "seen_s": ""})

    (words,) = late.context["form"].non_field_errors()
    assert words.startswith("The recording is 8:00 long by now; when you chose the part it was 10")
    assert words in late.content.decode() and late.context["plan"] is None
    assert again.context["form"].non_field_errors() == [words]
    assert "Open it again" in str(unsaid.context["form"].errors)
    assert changes() == []


def test_what_kaltura_would_make_rubbish_of_is_refused_in_words(simulator):
    session = recorded_session(simulator)
    client, row = planner_of(session), rows(session)[0]
    sent = {"recording": row.pk, "key": "0b0f6f6e-7d7b-4f5c-9d9e-0c6c7f3f4a11"}

    def errors(action, **fields):
        form = client.get(action_url(session, action), {**sent, **fields}).context["form"]
        return form.errors.get_json_data()

    assert "only 10:00 long" in str(errors("clip", start="0:10", end="20:00"))
    assert "at least a second" in str(errors("trim", start="5:00", end="5:00"))
    assert "not a time" in str(errors("trim", start="-1", end="5:00"))
    whole = client.get(action_url(session, "trim"), {**sent, "start": "", "end": "10:00"})
    assert whole.context["plan"].refusal == "That is all of it: nothing would be cut."
    Recording.objects.update(state=RecordingStatus.PROCESSING)
    early = client.get(action_url(session, "clip"), {**sent, "start": "0:10", "end": "1:00"})
    assert early.context["plan"].refusal.startswith("It is not ready at Kaltura")
    Recording.objects.update(state=RecordingStatus.READY, origin="redirect")
    foreign = client.get(action_url(session, "trim"), {**sent, "start": "0:10", "end": "1:00"})
    assert "not this session's alone" in foreign.context["plan"].refusal
    assert changes() == []


def test_a_video_of_the_account_is_taken_over_and_another_events_is_not(simulator):
    session, theirs = recorded_session(simulator), recorded_session(simulator)
    client = planner_of(session)
    foreign = rows(theirs)[0].entry_id
    for entry_id in (foreign, "0_zzzzzzzz", place_id(theirs)):
        confirm(client, session, "link", entry_id=entry_id, replaces="on")
    worked()
    said = {error for _kind, state, error in changes() if state == RecordingChangeState.FAILED}
    assert (len(changes()), len(said)) == (3, 1)
    assert "no video with this ID that this event may use" in said.pop()
    assert destination_of(session).recording_id != foreign

    confirm(client, session, "link", entry_id="0_videoone", replaces="on")
    worked()
    worked()
    assert changes()[-1] == ("link", RecordingChangeState.DONE, "")
    assert destination_of(session).recording_id == "0_videoone"


def test_many_are_published_and_hidden_after_a_preview(simulator):
    event = EventFactory()
    sessions = [held_session(event=event) for _ in range(3)]
    for session in sessions[:2]:
        broadcast(simulator, session, 60)
    processed(simulator)
    look(*sessions)
    client = planner_of(sessions[0])
    bulk = reverse("admin:kaltura_bridge_recordings_bulk", args=[event.pk])
    chosen = [session.pk for session in sessions]

    for action, is_published in (("hide", False), ("publish", True)):
        page = client.post(bulk, {"action": action, "session": chosen})
        assert len(page.context["preview"].recordings) == 2
        sent = {"action": action, "session": chosen}
        client.post(bulk, {**sent, "shown": page.context["preview"].fingerprint})
        assert {row[4] for s in sessions for row in shown(s)} == {is_published}
    # What was confirmed once is so; and what was never shown is not done.
    client.post(bulk, {"action": "hide", "session": chosen, "shown": "other"})
    assert Recording.objects.filter(is_published=True).count() == 2
    assert client.post(bulk, {"action": "hide", "session": "9" * 40}).status_code == 302


def test_the_list_takes_as_many_queries_for_many_as_for_few(simulator):
    event = EventFactory()
    start = timezone.now() - timedelta(hours=3)
    client = None
    taken = []
    for number in (1, 4):
        for _ in range(number):
            session = SessionFactory(
                event=event, starts_at=start, ends_at=start + timedelta(hours=1)
            )
            Recording.objects.create(
                session=session,
                entry_id=f"0_{session.pk:08}",
                origin="recorded",
                state="ready",
                recorded_at=start,
                seconds=3723,
                bytes=1_240_000_000,
            )
        client = client or planner_of(session)
        address = reverse("admin:kaltura_bridge_recordings", args=[event.pk])
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = client.get(f"{address}?show=hidden").content.decode()
        taken.append(len(queries))
    assert ("1:02:03" in page, "1.2 GB" in page) == (True, True)
    assert taken[0] == taken[1]


def test_what_kaltura_refuses_is_told_and_changes_nothing(simulator):
    session = recorded_session(simulator)
    client, row = planner_of(session), rows(session)[0]
    confirm(client, session, "clip", recording=row.pk, start="0:10", end="1:00")
    simulator.answer_with(
        "media.addContent", "SERVICE_FORBIDDEN", SERVICE="media", ACTION="addContent"
    )
    worked()
    kind, state, error = changes()[0]
    assert (kind, state) == ("clip", RecordingChangeState.FAILED)
    assert "SERVICE_FORBIDDEN" in error
    page = client.get(reverse("admin:kaltura_bridge_recording_session", args=[session.pk]))
    assert "SERVICE_FORBIDDEN" in page.content.decode()
    assert destination_of(session).recording_id == row.entry_id


def test_a_file_goes_to_kaltura_in_parts_and_a_part_that_comes_twice_goes_once(simulator):
    session = held_session()
    client = planner_of(session)
    page = reverse("admin:kaltura_bridge_recording_upload", args=[session.pk])
    key = client.get(page).context["key"]
    about = {"key": key, "size": 10, "name": "Better", "replaces": "on"}
    url = client.post(page, about).json()["url"]
    assert client.post(page, about).json() == {"at": 0, "url": url, "done": False}

    def part(at, body):
        answer = client.post(f"{url}?at={at}", body, content_type="application/octet-stream")
        return answer.status_code, answer.json().get("at"), answer.json().get("done")

    assert part(5, b"later") == (409, 0, None)
    simulator.answer_with("uploadToken.upload", "INTERNAL_SERVERL_ERROR")
    assert part(0, b"first")[0] == 502
    assert part(0, b"first") == part(0, b"first") == (200, 5, False)
    assert part(5, b"more than announced") == (409, 5, None)
    assert part(5, b"later") == (200, 10, True)
    assert simulator.calls("uploadToken.add") == 1
    stranger = planner_of(held_session())
    assert stranger.post(f"{url}?at=0", b"x", content_type="text/plain").status_code == 404

    worked()
    processed(simulator)
    worked()

    assert changes() == [("upload", RecordingChangeState.DONE, "")]
    made = Recording.objects.get(name="Better")
    assert (made.is_main, made.is_shown, made.origin) == (True, True, "replaced")


@pytest.mark.parametrize("minutes", [-10, 30])
def test_what_is_still_on_is_not_called_processing(simulator, minutes):
    """Kaltura has the entry of a recording from the first second of the broadcast on."""
    ends_at = timezone.now() + timedelta(minutes=minutes)
    session = SessionFactory(starts_at=ends_at - timedelta(hours=1), ends_at=ends_at)
    Recording.objects.create(
        session=session,
        entry_id="0_recorded",
        state=RecordingStatus.PROCESSING,
        is_main=True,
        recorded_at=session.starts_at,
    )
    url = reverse("admin:kaltura_bridge_recordings", args=[session.event_id])
    client = planner_of(session)

    rows = client.get(url).context["rows"]
    processing = client.get(url, {"show": DeskFilter.PROCESSING}).context["rows"]
    assert [row.state for row in rows] == ["On now" if minutes > 0 else "Processing"]
    assert len(processing) == (0 if minutes > 0 else 1)
