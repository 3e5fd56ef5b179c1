"""A picture that somebody gives a session at Kaltura is noticed, and ours can be sent again."""

from __future__ import annotations

import pytest

from kaltura_bridge.models import RemoteLink
from kaltura_bridge.repair import actions
from kaltura_bridge.specs import Kind
from kaltura_bridge.sync import service
from tests.kaltura_bridge.support.at_kaltura import at_kaltura
from tests.kaltura_bridge.support.picture_server import PICTURES
from tests.kaltura_bridge.support.planning import settle
from tests.kaltura_bridge.sync.test_pictures import with_picture

pytestmark = pytest.mark.django_db(transaction=True)

OTHER = "https://pictures.example/other.jpg"


@pytest.fixture
def event(simulator):
    planned = with_picture(PICTURES.url("one.png")).event
    settle(planned)
    return planned


def picture() -> RemoteLink:
    return RemoteLink.objects.get(kind=Kind.THUMBNAIL)


def somebody_gives_another(entry_id: str) -> None:
    at_kaltura(lambda client: client.baseEntry.updateThumbnailFromUrl(entry_id, OTHER))


def pictures_sent(simulator) -> int:
    return simulator.calls("baseEntry.updateThumbnailFromUrl")


def test_a_picture_given_at_kaltura_is_drift_until_somebody_decides(simulator, event):
    entry_id = picture().remote_id
    quiet = service.sync_event(event, 20)
    somebody_gives_another(entry_id)
    sent = pictures_sent(simulator)

    looks = [service.sync_event(event, 20) for _ in range(2)]
    told = picture()
    changed_there = told.target.changed_there
    actions.push_fields(told, ["url"])
    service.sync_event(event, 20)
    mended = picture()
    after = service.sync_event(event, 20)

    assert (quiet.writes, [look.writes for look in looks]) == (0, [0, 0])
    another = "another image, given at Kaltura (version 100002)"
    assert told.drift == {"url": (PICTURES.url("one.png"), another)}
    assert changed_there == "Thumbnail image"
    assert pictures_sent(simulator) == sent + 1
    assert (mended.drift, mended.pushed["url"], after.writes) == ({}, PICTURES.url("one.png"), 0)


def test_a_picture_that_was_ignored_is_told_no_more(simulator, event):
    somebody_gives_another(picture().remote_id)
    service.sync_event(event, 20)
    actions.ignore_fields(picture(), ["url"])
    service.sync_event(event, 20)

    assert picture().drift == {}


def test_without_a_known_version_the_first_look_is_the_measure(simulator, event):
    link = picture()
    RemoteLink.objects.filter(pk=link.pk).update(pushed={"url": PICTURES.url("one.png")}, seen={})
    first = service.sync_event(event, 20)
    somebody_gives_another(link.remote_id)
    service.sync_event(event, 20)

    assert first.writes == 0
    assert list(picture().drift) == ["url"]


def test_a_new_picture_here_goes_out_over_one_that_may_be_ours(simulator, event):
    """Its sender may have died before the reply: then nobody knows the version that came of it."""
    somebody_gives_another(picture().remote_id)
    session = event.sessions.get()
    new = PICTURES.url("two.png")
    session.delivery.thumbnail_url = new
    session.delivery.save()
    service.sync_event(event, 20)
    after = service.sync_event(event, 20)

    assert (picture().drift, picture().pushed["url"], after.writes) == ({}, new, 0)
