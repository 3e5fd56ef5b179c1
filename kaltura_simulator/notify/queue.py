"""Notifications that wait to be sent: rows of the store, written with the change itself."""

from __future__ import annotations

from kaltura_simulator.notify import bodies
from kaltura_simulator.notify.events import NotificationEvent
from kaltura_simulator.state.store import Data, Store
from kaltura_simulator.state.world import World

KIND = "notification_job"
PENDING, SENDING, SENT, FAILED, REFUSED = "pending", "sending", "sent", "failed", "refused"
#: How often and how soon a notification is sent again, and how long a receiver may take.
SETTINGS: dict[str, float] = {"retries": 10, "first_retry_s": 1.0, "timeout_s": 10.0}
KEPT_JOBS = 500
_SETTING = "notify"


def enqueue(world: World, template: Data, event: NotificationEvent) -> int:
    """Store one notification to be sent; returns its id."""
    store, partner = world.store, event.partner
    key = store.next_id(KIND)
    job = bodies.request(template, event, key, world.secrets(partner)[0]) | {
        "id": key,
        "templateId": template["id"],
        "createdAt": world.clock.now(),
        "timeout": template.get("timeout") or 0,
        "status": PENDING,
        "attempts": 0,
        "nextAt": world.clock.steady(),
    }
    store.put(partner, KIND, key, job)
    _drop_old(store, partner)
    return key


def _drop_old(store: Store, partner: int) -> None:
    done = [job for job in store.all(partner, KIND) if job["status"] not in {PENDING, SENDING}]
    for job in done[: max(0, len(done) - KEPT_JOBS)]:
        store.delete(partner, KIND, job["id"])


def jobs(store: Store, *statuses: str) -> list[tuple[int, Data]]:
    """The notifications of all partners in one of these states, with the partner of each."""
    rows = ((partner, job) for partner in store.partners() for job in store.all(partner, KIND))
    return [(partner, job) for partner, job in rows if job["status"] in statuses]


def settings(store: Store) -> dict[str, float]:
    """SETTINGS as they are now."""
    chosen: dict[str, float] = store.setting(_SETTING, {})
    return SETTINGS | chosen


def set_settings(store: Store, chosen: dict[str, float]) -> None:
    """Change some of SETTINGS."""
    store.set_setting(_SETTING, store.setting(_SETTING, {}) | chosen)
