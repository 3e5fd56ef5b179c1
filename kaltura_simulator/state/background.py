"""Work that Kaltura does later, by itself: at its time an object gets other properties.

Nobody waits for it in a thread. Before each request whatever is due is done, so a
simulator that was killed in between goes on where it stood.
"""

from __future__ import annotations

from collections.abc import Callable

from kaltura_simulator.state.store import Data, Store
from kaltura_simulator.state.world import World

#: When something is to happen (of the steady clock), and the properties it brings.
Step = tuple[float, Data]
_JOB, _DUE = "background_job", "background_due"
#: Who wants to know of an object of a kind that has got other properties.
_FOLLOWERS: dict[str, list[Callable[[World, Data], None]]] = {}


def plan(store: Store, partner: int, kind: str, key: str, steps: list[Step]) -> None:
    """Leave an object's next changes, earliest first, to the background."""
    with store.transaction():
        name = _name(kind, key)
        store.put(partner, _JOB, name, {"kind": kind, "id": key, "steps": steps})
        _note_next(store)


def follow(kind: str, follower: Callable[[World, Data], None]) -> None:
    """Tell ``follower`` of each object of a kind once a step was taken."""
    _FOLLOWERS.setdefault(kind, []).append(follower)


def busy(store: Store, partner: int, kind: str, key: str) -> bool:
    """Whether something is still to happen to an object."""
    return store.get(partner, _JOB, _name(kind, key)) is not None


def catch_up(world: World) -> None:
    """Do whatever is due."""
    store, steady = world.store, world.clock.steady()
    due = store.setting(_DUE)
    if due is None or due > steady:
        return
    with store.transaction():
        for partner in store.partners():
            for job in store.all(partner, _JOB):
                _work(world, partner, job, steady)
        _note_next(store)


def _name(kind: str, key: str) -> str:
    return f"{kind}:{key}"


def _work(world: World, partner: int, job: Data, steady: float) -> None:
    """Take the steps of one job whose time has come; the last one ends it."""
    store, name = world.store, _name(job["kind"], job["id"])
    for at, fields in job["steps"]:
        if at <= steady and store.get(partner, job["kind"], job["id"]) is not None:
            changes = fields | {"updatedAt": world.clock.now()}
            changed = store.change(partner, job["kind"], job["id"], **changes)
            for follower in _FOLLOWERS.get(job["kind"], ()):
                follower(world, changed)
    left = [step for step in job["steps"] if step[0] > steady]
    if left:
        store.put(partner, _JOB, name, job | {"steps": left})
    else:
        store.delete(partner, _JOB, name)


def _note_next(store: Store) -> None:
    """Remember when the next step is due, so that most requests look at one number."""
    jobs = [job for partner in store.partners() for job in store.all(partner, _JOB)]
    store.set_setting(_DUE, min((at for job in jobs for at, _ in job["steps"]), default=None))
