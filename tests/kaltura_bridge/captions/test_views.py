"""Transcripts: read, searched and taken along by those who may watch, there for nobody else."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from events.models import Visibility
from kaltura_bridge.models import CaptionTrack
from tests.factories import RegistrationFactory, TeamMemberFactory, UserFactory
from tests.kaltura_bridge.support.captioning import VTT, captioned
from tests.kaltura_bridge.support.joining import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def url_of(recording, ending="") -> str:
    session = recording.session
    return f"/e/{session.event.slug}/sessions/{session.slug}/transcript/{ending}"


@pytest.fixture
def watched(settings):
    settings.KALTURA_ADMIN_SECRET = "0" * 32
    return captioned(event__visibility=Visibility.INVITED)


def _alike(answer, slug: str) -> str:
    """The page without what differs from one answer to the next, and without this name."""
    text = re.sub(r'value="\w{64}"|data-now="[^"]*"', "", answer.content.decode())
    return text.replace(slug, "*")


def attendee(recording) -> Client:
    return signed_in(RegistrationFactory(event=recording.session.event).user)


def test_attendee_reads_searches_and_takes_along(watched):
    recording, track = watched
    client = attendee(recording)

    page = client.get(url_of(recording)).content.decode()
    found = client.get(url_of(recording), {"q": "PHOTOsynthesis ben"}).content.decode()
    nothing = client.get(url_of(recording), {"q": "<b>&"})
    part = client.get(url_of(recording), {"part": "1"}).content.decode()
    vtt = client.get(url_of(recording, f"{track.pk}.vtt"))
    srt = client.get(url_of(recording, f"{track.pk}.srt")).content.decode()
    text = client.get(url_of(recording, f"{track.pk}.txt")).content.decode()

    assert "Good morning &amp; welcome to Zürich." in page
    assert ("?t=65" in page, "<script>alert" in page, "Ada" in page) == (True, False, True)
    assert ("1 line with these words" in found, "?t=65" in found, "?t=1&" in found) == (
        True,
        True,
        False,
    )
    assert "Nothing was said" in nothing.content.decode()
    assert ("<html" in part, "?t=65" in part) == (False, True)
    assert vtt.content.decode().startswith("WEBVTT\n\n00:00:01.000 --> 00:00:04.000\n<v Ada>Good")
    assert vtt["Content-Disposition"].endswith('-en.vtt"')
    assert (vtt["Cache-Control"], vtt["X-Content-Type-Options"]) == ("no-store, private", "nosniff")
    assert srt.startswith("1\n00:00:01,000 --> 00:00:04,000\nAda: Good morning & welcome")
    assert text.splitlines()[2] == "Ben: Photosynthesis alert(1) again."


def test_others_find_nothing_at_any_door(watched):
    recording, track = watched
    session = recording.session
    urls = [url_of(recording), url_of(recording, f"{track.pk}.vtt")]
    strangers = [Client(), signed_in(UserFactory())]

    for client in strangers:
        for url in urls:
            missing = client.get(url.replace(session.slug, "no-such"))
            answer = client.get(url)
            assert (answer.status_code, missing.status_code) == (404, 404)
            assert _alike(answer, session.slug) == _alike(missing, "no-such")
        search = client.get(f"/e/{session.event.slug}/agenda/", {"q": "photosynthesis"})
        assert search.status_code == 404


def test_what_attendees_cannot_watch_is_not_told_to_them_either(watched):
    recording, track = watched
    client, event = attendee(recording), recording.session.event
    agenda = f"/e/{event.slug}/agenda/"

    def told() -> tuple[int, int, bool, bool]:
        session_page = client.get(recording.session.get_absolute_url()).content.decode()
        search = client.get(agenda, {"q": "photosynthesis", "day": "all"}).content.decode()
        return (
            client.get(url_of(recording)).status_code,
            client.get(url_of(recording, f"{track.pk}.txt")).status_code,
            "Transcript of the recording" in session_page,
            recording.session.title in search,
        )

    assert told() == (200, 200, True, True)
    CaptionTrack.objects.update(is_shown=False)
    assert told() == (404, 404, False, False)
    CaptionTrack.objects.update(wish="show")  # Kaltura does not know yet.
    assert told() == (404, 404, False, False)
    CaptionTrack.objects.update(is_shown=True, wish="hide")
    assert told() == (404, 404, False, False)
    CaptionTrack.objects.update(wish="")
    recording.is_published = False
    recording.save()
    assert told() == (404, 404, False, False)


def test_search_takes_no_spoken_word_for_a_mistyped_one(watched):
    recording, _track = watched
    event = recording.session.event
    recording.session.title = "Photosyntheses for all"
    recording.session.save()
    other, _other_track = captioned(event=event, entry_id="1_other000", text=VTT)
    agenda = f"/e/{event.slug}/agenda/"

    page = attendee(recording).get(agenda, {"q": "photosynthesis", "day": "all"}).content.decode()

    assert ("Photosyntheses for all" in page, other.session.title in page) == (True, True)


def test_session_says_where_its_captions_come_from_to_the_team(watched):
    recording, track = watched
    owner = signed_in(TeamMemberFactory(event=recording.session.event).user)

    admin = "/admin/kaltura_bridge/captionorder"
    page = owner.get(f"{admin}/session/{recording.session.pk}/").content.decode()

    assert "Captions that are there" in page
    assert f'<a href="{admin}/track/{track.pk}/" dir="auto">English</a> (English)' in page


def test_join_page_of_a_recording_offers_the_transcript(watched):
    recording, _track = watched
    session = recording.session

    page = attendee(recording).get(f"/e/{session.event.slug}/sessions/{session.slug}/join/")

    assert f'data-transcript="{url_of(recording)}"' in page.content.decode()
