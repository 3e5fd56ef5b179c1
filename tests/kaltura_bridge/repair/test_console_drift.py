"""Someone changes a start time in Kaltura's console; one sweep tells it, both buttons mend it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import requests
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml import html

from events.models import Session
from kaltura_bridge.models import Account, RemoteLink, SyncTarget
from kaltura_bridge.repair.diff import duplicate_times_of, objects_of
from kaltura_bridge.sync import reconcile
from tests.factories import TeamMemberFactory
from tests.kaltura_bridge.support.at_kaltura import held_there, link_of, page_of
from tests.kaltura_bridge.support.planning import in_step, planned_event, settle

if TYPE_CHECKING:
    from kaltura_simulator.testing import Simulator

pytestmark = [pytest.mark.django_db(transaction=True)]

# The keynote runs from 9:00 UTC; someone at Kaltura starts it at 9:10.
PLANNED, MOVED = 1904288400, 1904289000


@dataclass
class Console:
    """Kaltura's console, as a browser without scripts uses it."""

    simulator: Simulator

    def change(self, path: str, **typed: str) -> str:
        """Type into an object's form and send it; where it leads."""
        page = self._ask("GET", f"/ui/console/{path}")
        form = html.fromstring(page.text).forms[0]
        reply = self._ask("POST", form.action, dict(form.fields) | typed)
        return reply.headers["Location"]

    def _ask(self, method: str, path: str, data: dict[str, str] | None = None) -> Any:
        return requests.request(
            method,
            self.simulator.url + path,
            data=data,
            headers={"Origin": self.simulator.url},
            allow_redirects=False,
            timeout=10,
        )


@pytest.fixture
def event(simulator: Simulator) -> Any:
    planned = planned_event()
    settle(planned)
    return planned


@pytest.fixture
def planner(event: Any, client: Client) -> Client:
    client.force_login(TeamMemberFactory(event=event).user)
    return client


def sweep_when_due() -> Any:
    SyncTarget.objects.update(synced_at=timezone.now() - timedelta(minutes=11))
    Account.objects.update(changes_read_at=None)
    return reconcile.sweep()


def start_at_kaltura(simulator: Simulator, unix: int) -> None:
    link = link_of("schedule_event")
    shown = datetime.fromtimestamp(unix, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    went_to = Console(simulator).change(f"event/{link.remote_id}", startDate=shown)
    assert went_to == f"/?done=change#event-{link.remote_id}"


def drifts() -> dict[str, Any]:
    """What differs at Kaltura, by the name that people read."""
    return {link.kind: link.drift for link in RemoteLink.objects.all() if link.drift}


def choose(planner: Client, verb: str) -> None:
    """Look at what a button would do, and press it."""
    link, data = link_of("schedule_event"), {"field": "startDate"}
    url = reverse("admin:kaltura_bridge_choice", args=[link.target_id, link.pk, verb])
    shown = planner.get(url, data).context["preview"].fingerprint
    done = planner.post(url, {**data, "shown": shown})
    page = reverse("admin:kaltura_bridge_synctarget_change", args=[link.target_id])
    assert (done.status_code, done.headers["Location"]) == (302, page)


def starts(simulator: Simulator) -> tuple[int, int, bool]:
    """When the keynote starts here, in Kaltura's calendar, and whether its page agrees."""
    here = Session.objects.get(title="Keynote").starts_at.timestamp()
    calendar = held_there(simulator, "scheduleEvent", link_of("schedule_event").remote_id)
    page = held_there(simulator, "metadata", page_of().remote_id)
    agrees = f"<StartTime>{calendar['startDate']}</StartTime>" in page["xml"]
    return int(here), calendar["startDate"], agrees


def test_one_sweep_tells_exactly_the_field_that_was_changed(
    simulator: Simulator, event: Any, planner: Client
) -> None:
    start_at_kaltura(simulator, MOVED)

    work = sweep_when_due()

    target = SyncTarget.objects.get(title="Keynote")
    told = [(f.label, f.shown_held) for view in objects_of(target) for f in view.fields]
    assert drifts() == {"schedule_event": {"startDate": (str(PLANNED), str(MOVED))}}
    assert told == [("start", "Mon 6 May 2030, 11:10 Europe/Berlin")]
    assert (work.writes, target.state) == (0, "synced")
    assert starts(simulator) == (PLANNED, MOVED, False)


@pytest.mark.parametrize(("verb", "wanted"), [("push", PLANNED), ("adopt", MOVED)])
def test_both_buttons_bring_it_in_step(
    simulator: Simulator, event: Any, planner: Client, verb: str, wanted: int
) -> None:
    start_at_kaltura(simulator, MOVED)
    sweep_when_due()

    choose(planner, verb)
    settle(event)

    assert (in_step(event), drifts()) == (True, {})
    assert starts(simulator) == (wanted, wanted, True)
    assert duplicate_times_of(SyncTarget.objects.get(title="Keynote")) == []
    assert (sweep_when_due().writes, drifts()) == (0, {})
