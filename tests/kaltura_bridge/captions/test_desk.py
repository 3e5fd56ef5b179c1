"""The list of an event's captions: found by title and state, a page at a time, at a fixed price."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kaltura_bridge.captions import desk
from kaltura_bridge.models import CaptionOrder, CaptionTrack, OrderState, ReachCatalogue
from tests.factories import EventFactory, SessionFactory, TeamMemberFactory
from tests.kaltura_bridge.support.captioning import OTHER_VIDEO, VIDEO, captioned, recorded, rule_of
from tests.kaltura_bridge.support.joining import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
ADMIN = "/admin/kaltura_bridge/captionorder"


@pytest.fixture
def event(settings):
    # Read just now: the page wakes no worker for it.
    ReachCatalogue.objects.create(
        partner_id=settings.KALTURA_PARTNER_ID, read_at=timezone.now(), tried_at=timezone.now()
    )
    return EventFactory()


@pytest.fixture
def manager(event):
    return signed_in(TeamMemberFactory(event=event).user)


def order_for(session, state: OrderState, **fields) -> CaptionOrder:
    about = {"entry_id": VIDEO, "feature": "captions", "language": "English", "item_name": "Item"}
    return CaptionOrder.objects.create(session=session, state=state, **about | fields)


def test_sessions_are_found_by_what_they_have(event, manager):
    ready = {
        state: captioned(event=event, title=state)[0] for state in ("Shown", "Hidden", "Hiding")
    }
    CaptionTrack.objects.filter(transcript__session__title="Hidden").update(is_shown=False)
    CaptionTrack.objects.filter(transcript__session__title="Hiding").update(wish="hide")
    order_for(ready["Shown"].session, OrderState.ERROR)  # What another order brought is there.
    bare = recorded(OTHER_VIDEO, event=event, title="Bare").session
    order_for(bare, OrderState.WITHDRAWN)
    for title, state in (
        ("Held", OrderState.HELD),
        ("Failed", OrderState.ERROR),
        ("Moderated", OrderState.MODERATION),
        ("Working", OrderState.PROCESSING),
    ):
        order_for(SessionFactory(event=event, title=title), state)
    captioned(title="Shown elsewhere")

    def found(**asked) -> set[str]:
        page = manager.get(f"{ADMIN}/of/{event.pk}/", asked)
        return {line.session.title for line, _orders in page.context["lines"]}

    everything = {"Shown", "Hidden", "Hiding", "Bare", "Held", "Failed", "Moderated", "Working"}
    assert found() == found(show="nonsense", page="-1") == everything
    assert found(q="HID") == {"Hidden", "Hiding"}
    assert found(q="hid", show="nothing") == set()
    assert {each: found(show=each) for each in ("attention", "ordered", "hidden")} == {
        "attention": {"Held", "Failed", "Moderated"},
        "ordered": {"Moderated", "Working"},
        "hidden": {"Hidden", "Hiding"},
    }
    assert (found(show="shown"), found(show="nothing")) == ({"Shown"}, {"Bare"})


def test_page_asks_as_much_for_one_session_as_for_a_full_page(event, manager):
    def more() -> None:
        recording, _track = captioned(event=event)
        rule = rule_of(recording.session, budget=10)
        for state in (OrderState.READY, OrderState.PENDING):
            order_for(recording.session, state, rule=rule, price=2, language=state)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            manager.get(f"{ADMIN}/of/{event.pk}/")
        return len(asked)

    more()
    queries()
    one = queries()
    for _ in range(desk.PAGE):
        more()

    assert queries() == one
    first, second = (
        manager.get(f"{ADMIN}/of/{event.pk}/", {"page": page, "q": "e"}) for page in (1, 2)
    )
    assert [len(page.context["lines"]) for page in (first, second)] == [desk.PAGE, 1]
    assert 'href="?q=e&amp;page=2"' in first.content.decode()
    assert "together cost 104.00" in first.content.decode()
    assert first.content.decode().count("4.00 / 10.00") == desk.PAGE + 1


def test_wish_leads_back_to_the_same_page_of_the_list(event, manager):
    session = SessionFactory(event=event, title="Ä & b", starts_at=timezone.now() + timedelta(1))
    order = order_for(session, OrderState.PENDING, task_id=7)
    page = manager.get(f"{ADMIN}/of/{event.pk}/?q=%C3%84+%26&show=ordered&next=//evil.example/")
    door = f"{ADMIN}/{order.pk}/wish/?show=ordered&amp;q=%C3%84+%26"

    answer = manager.post(door.replace("&amp;", "&"), {"do": "abort"})

    assert f'action="{door}"' in page.content.decode()
    assert answer.url == f"{ADMIN}/of/{event.pk}/?show=ordered&q=%C3%84+%26#orders"
    assert CaptionOrder.objects.get().wish == "abort"


def test_link_of_the_recordings_desk_leads_to_an_order_of_that_recording(event, manager):
    recording = recorded(event=event)
    other = recording.__class__.objects.get(pk=recording.pk)
    other.pk, other.entry_id, other.is_main, other.name = None, OTHER_VIDEO, False, "Another"
    other.save(force_insert=True)
    url = f"{ADMIN}/session/{recording.session.pk}/"

    chosen = manager.get(url, {"recording": OTHER_VIDEO}).content.decode()
    unknown = manager.get(url, {"recording": "1_nothing"}).content.decode()

    assert ("Another" in chosen, "The recording" in chosen) == (True, False)
    assert "Everything of this session that can be captioned" in chosen
    assert ("Another" in unknown, "The recording" in unknown) == (True, True)
