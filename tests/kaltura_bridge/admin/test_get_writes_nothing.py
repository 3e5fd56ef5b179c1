"""Looking changes nothing: no GET of these pages writes, locks or opens a transaction."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from events.models import Event, Registration, Session, Speaker, User
from kaltura_bridge.api.client import new
from kaltura_bridge.models import (
    Account,
    CaptionOrder,
    CaptionRule,
    CaptionTrack,
    Checkup,
    OrphanScan,
    PlanRun,
    RemoteLink,
    SessionDelivery,
    SyncTarget,
    Transcript,
    VendorJob,
)
from kaltura_bridge.recordings.orders import ACTIONS
from kaltura_bridge.repair import actions
from kaltura_bridge.repair.choices import VERBS
from kaltura_bridge.sync import plan_runs, service
from tests.factories import TeamMemberFactory, UserFactory
from tests.kaltura_bridge.support.at_kaltura import (
    at_kaltura,
    link_of,
    someone_cancels,
    someone_moves,
)
from tests.kaltura_bridge.support.planning import planned_event, settle

pytestmark = [pytest.mark.django_db(transaction=True)]

MOVED = 1904289000
# The admin's own pages about one row, and whose.
OF_A_ROW = {
    f"kaltura_bridge_{model._meta.model_name}_{page}": model
    for model in (SyncTarget, Account, VendorJob)
    for page in ("change", "delete", "history")
}
# Pages of the events' admin that show something of Kaltura.
EVENT_PAGES = ("event", "session")


@pytest.fixture
def event(simulator) -> Event:
    """An event with everything that these pages can show: drift, a deletion, an unlinked object."""
    planned = planned_event()
    settle(planned)
    change = new("KalturaLiveStreamEntry", dvrStatus="0", name="Renamed there")
    entry = link_of("entry")
    at_kaltura(lambda c: c.liveStream.update(entry.remote_id, change))
    someone_moves(link_of("schedule_event"), startDate=MOVED)
    actions.unlink(link_of("metadata", ending="/KMS_KWEBCAST2"))
    actions.ignore_fields(link_of("category", "Ethics"), ["description"])
    someone_cancels(link_of("schedule_event", "Workshop"))
    service.sync_event(planned, 20)
    run = PlanRun.objects.create(event_uuid=planned.uuid)
    plan_runs.make(run.pk)
    Checkup.objects.create(finished_at=timezone.now())
    OrphanScan.objects.create(finished_at=timezone.now())
    VendorJob.objects.create(vendor_id=1, task_id=2, customer_id=3, entry_id="1_abcdefgh")
    CaptionRule.objects.create(event=planned)
    CaptionTrack.objects.create(
        transcript=Transcript.objects.create(session=Session.objects.first(), entry_id="1_abc"),
        asset_id="1_def",
        is_shown=False,
    )
    return planned


def names() -> set[str]:
    """The URL names of all Kaltura pages in the admin."""
    mine = (m for m in admin.site._registry.values() if m.opts.app_label == "kaltura_bridge")
    found = {pattern.name for page in mine for pattern in page.get_urls()}
    return {name for name in found if name}


def argument_lists(name: str) -> Iterator[list[object]]:
    """With what a page is opened: each of its objects, each choice about each of them."""
    one = {
        "kaltura_bridge_of_event": Event,
        "kaltura_bridge_plan": Event,
        "kaltura_bridge_plan_apply": PlanRun,
        "kaltura_bridge_plan_progress": PlanRun,
        "kaltura_bridge_retry": SyncTarget,
        "kaltura_bridge_devices": Event,
        "kaltura_bridge_control_room": Event,
        "kaltura_bridge_join_test": Session,
        "kaltura_bridge_control_room_state": Event,
        "kaltura_bridge_joining": Session,
        "kaltura_bridge_captions": Event,
        "kaltura_bridge_captions_read": Event,
        "kaltura_bridge_caption_rule_add": Event,
        "kaltura_bridge_caption_rule": CaptionRule,
        "kaltura_bridge_captions_session": Session,
        "kaltura_bridge_caption_wish": CaptionOrder,
        "kaltura_bridge_caption_track": CaptionTrack,
        "kaltura_bridge_caption_show": CaptionTrack,
        "kaltura_bridge_recordings": Event,
        "kaltura_bridge_recordings_bulk": Event,
        "kaltura_bridge_recording_session": Session,
        "kaltura_bridge_recording_look": Session,
        "kaltura_bridge_recording_upload": Session,
        "kaltura_bridge_joining_registration": Registration,
        "kaltura_bridge_joining_speaker": Speaker,
        "kaltura_bridge_joining_account": User,
    }
    if name == "kaltura_bridge_choice":
        for link in RemoteLink.objects.all():
            yield from ([link.target_id, link.pk, verb] for verb in VERBS)
    elif name == "kaltura_bridge_recording_part":
        yield from ([thing.pk, UUID(int=1)] for thing in Session.objects.all())
    elif name == "kaltura_bridge_recording_action":
        yield from ([thing.pk, slug] for thing in Session.objects.all() for slug in ACTIONS)
    elif name in one:
        yield from ([thing.pk] for thing in one[name].objects.all())
    elif name in OF_A_ROW:
        yield from ([thing.pk] for thing in OF_A_ROW[name].objects.all())
    else:
        yield []


def addresses(name: str) -> Iterator[str]:
    for arguments in argument_lists(name):
        address = reverse(f"admin:{name}", args=arguments)
        if name != "kaltura_bridge_choice":
            yield address
            continue
        link = RemoteLink.objects.get(pk=arguments[1])
        fields = "&".join(f"field={field}" for field in [*link.drift, *link.ignored])
        yield f"{address}?to=1_other123&{fields}"


def statements(client: Client, address: str) -> list[str]:
    """What a GET asks of the database besides reading."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code in (200, 302, 403, 405), address
    sql = [query["sql"] for query in queries]
    return [each for each in sql if not each.startswith("SELECT") or "FOR UPDATE" in each]


def test_no_page_about_kaltura_writes_when_it_is_opened(event):
    client = Client()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    wrote = {
        address: found
        for name in sorted(names())
        for address in addresses(name)
        if (found := statements(client, address))
    }

    assert wrote == {}


def test_no_page_of_the_plan_writes_when_it_is_opened(event):
    client = Client()
    client.force_login(TeamMemberFactory(event=event).user)
    pages = [reverse(f"admin:events_{name}_changelist") for name in EVENT_PAGES]
    pages += [reverse("admin:events_event_change", args=[event.pk])]
    pages += [reverse("admin:events_session_change", args=[s.pk]) for s in event.sessions.all()]

    assert {page: found for page in pages if (found := statements(client, page))} == {}


def test_preview_of_adopting_leaves_the_plan_as_it_was(event):
    client = Client()
    client.force_login(TeamMemberFactory(event=event).user)
    entry = link_of("entry")
    url = reverse("admin:kaltura_bridge_choice", args=[entry.target_id, entry.pk, "adopt"])

    page = client.get(url, {"field": ["dvrStatus", "name"]})

    keynote = Session.objects.get(title="Keynote")
    assert [change.name for change in page.context["preview"].changes] == [
        "In the plan: name",
        "In the plan: rewinding (DVR)",
        "Schedule of “Keynote”: title",
    ]
    assert (SessionDelivery.objects.count(), keynote.starts_at) == (
        0,
        datetime.fromtimestamp(1904288400, UTC),
    )
