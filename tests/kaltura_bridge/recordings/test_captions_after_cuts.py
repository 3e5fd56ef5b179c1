"""Captions of a recording that was cut: never shown with the times from before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from kaltura_bridge.api.client import new
from kaltura_bridge.captions.transcript import shown_tracks
from kaltura_bridge.models import (
    CaptionOrder,
    CaptionTrack,
    Recording,
    RecordingChangeKind,
    Transcript,
)
from kaltura_bridge.models.captions import RETIMED_WITHIN
from tests.kaltura_bridge.recordings.test_changes_half_way import order_cut
from tests.kaltura_bridge.recordings.test_desk import planner_of, recorded_session, worked
from tests.kaltura_bridge.support.at_kaltura import at_kaltura
from tests.kaltura_bridge.support.captioning import VIDEO, look_again, rule_of
from tests.kaltura_bridge.support.recorded import look, processed, rows

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

DELETED = 3
SRT = """1
00:00:30,000 --> 00:00:32,000
Before the cut

2
00:01:05,000 --> 00:01:08,000
Within
"""


def captions_of(entry_id: str) -> str:
    asset = new("KalturaCaptionAsset", language="English", format="1", label="English")
    made = at_kaltura(lambda c: c.caption.captionAsset.add(entry_id, asset))
    fill(made.id)
    return str(made.id)


def fill(asset_id: str, text: str = SRT) -> None:
    content = new("KalturaStringResource", content=text)
    at_kaltura(lambda c: c.caption.captionAsset.setContent(asset_id, content))


def at_kaltura_now(simulator) -> list[str]:
    rows = simulator.objects("captionAsset")
    return [row["id"] for row in rows if row["status"] != DELETED]


def read_captions() -> None:
    Transcript.objects.update(look_at=timezone.now())
    look_again()


@pytest.fixture
def captioned(simulator, settings):
    """A recording of ten minutes with captions that viewers read, and its rule."""
    settings.KALTURA_INDEX_DELAY_S = 0
    session = recorded_session(simulator, language="en")
    rule_of(session)
    captions_of(rows(session)[0].entry_id)
    read_captions()
    assert [track.label for track in shown_tracks(session)] == ["English"]
    return session


def test_captions_of_a_cut_recording_are_withheld_until_kaltura_has_moved_them(
    simulator, captioned
):
    old = CaptionTrack.objects.get()
    order_cut(rows(captioned)[0], start_s=60, length_s=180)
    worked()
    processed(simulator)
    worked()

    withheld = CaptionTrack.objects.get()
    assert (withheld.asset_id, withheld.is_readable) == (old.asset_id, False)
    assert not shown_tracks(captioned).exists()
    # Kaltura has deleted them, and copies them: nothing is ordered in their place.
    look_again()
    assert old.asset_id not in at_kaltura_now(simulator)
    simulator.advance(60)
    read_captions()

    (track,) = shown_tracks(captioned)
    track = CaptionTrack.objects.get(pk=track.pk)
    assert track.asset_id != old.asset_id
    assert track.cues == [[5000, 8000, "", "Within"]]
    assert Transcript.objects.get().cut_at is None
    assert not CaptionOrder.objects.exists()


def test_nothing_is_ordered_while_kaltura_copies(simulator, captioned):
    row = rows(captioned)[0]
    order_cut(row)
    worked()
    processed(simulator)
    worked()
    for key in at_kaltura_now(simulator):
        at_kaltura(lambda c, key=key: c.caption.captionAsset.delete(key))

    look_again()

    said = Transcript.objects.get()
    assert (CaptionTrack.objects.count(), CaptionOrder.objects.count()) == (0, 0)
    assert said.look_at < timezone.now() + timedelta(minutes=6)
    Transcript.objects.update(cut_at=timezone.now() - RETIMED_WITHIN)
    look_again()
    assert CaptionOrder.objects.count() == 1


def test_nothing_is_ordered_while_a_new_video_gets_the_captions_of_its_part(simulator, captioned):
    order_cut(rows(captioned)[0], RecordingChangeKind.CLIP)
    worked()
    simulator.set_background(600)
    processed(simulator)
    worked()
    Recording.objects.update(is_published=True)
    assert [row.state for row in rows(captioned)] == ["ready", "ready"]

    read_captions()
    waiting = CaptionOrder.objects.count(), CaptionTrack.objects.count()
    simulator.advance(601)
    read_captions()

    assert (waiting, CaptionOrder.objects.count()) == ((0, 1), 0)
    copy = CaptionTrack.objects.exclude(transcript__entry_id=rows(captioned)[0].entry_id).get()
    assert copy.cues == [[5000, 8000, "", "Within"]]
    assert not Transcript.objects.exclude(cut_at=None).exists()


@pytest.mark.parametrize("end", ["team", "new file"])
def test_captions_that_kaltura_leaves_are_for_the_team_to_decide(simulator, captioned, end):
    row = rows(captioned)[0]
    other = new("KalturaEntryResource", entryId=VIDEO)
    at_kaltura(lambda c: c.media.updateContent(row.entry_id, other))
    look(captioned)
    processed(simulator)
    look(captioned)
    hidden = new("KalturaCaptionAsset", label="Renamed")
    asset_id = CaptionTrack.objects.get().asset_id
    at_kaltura(lambda c: c.caption.captionAsset.update(asset_id, hidden))
    read_captions()

    track = CaptionTrack.objects.get()
    assert (track.asset_id, track.label, track.is_readable) == (asset_id, "Renamed", False)
    if end == "new file":
        fill(asset_id, SRT.replace("Within", "Anew"))
        read_captions()
    else:
        client = planner_of(captioned)
        door = f"/admin/kaltura_bridge/captionorder/track/{track.pk}/"
        assert "Kaltura moves them" in client.get(door).content.decode()
        Transcript.objects.update(cut_at=timezone.now() - RETIMED_WITHIN)
        for page in (door, door.replace(f"track/{track.pk}", f"session/{captioned.pk}")):
            words = client.get(page).content.decode()
            assert "none with the new times for hours" in words
            assert "Show them all the same" in words
        client.post(f"{door}show/", {"do": "keep"})
        read_captions()
        assert "Show them all the same" not in client.get(door).content.decode()
    assert CaptionTrack.objects.get().is_readable
    assert Transcript.objects.get().cut_at is None
