"""Background work: changes of objects that Kaltura makes later, by itself.

No thread waits for them. Whatever is due is done before each request, so a simulator
that was killed in between continues where it was.
"""

from __future__ import annotations

from collections.abc import Callable

from kaltura_simulator.state.store import Data, Store
from kaltura_simulator.state.world import World

#: When an object changes (by the steady clock), and the properties it then gets.
Step = tuple[float, Data]
_JOB, _DUE = "background_job", "background_due"
#: Functions to call after an object of a kind was changed in the background.
_LISTENERS: dict[str, list[Callable[[World, Data], None]]] = {}
#: Work that looks at the state of its own moment: of an account, on an object's key.
Work = Callable[[World, int, str], None]
_WORK: dict[str, Work] = {}


def schedule(store: Store, partner: int, kind: str, key: str, steps: list[Step]) -> None:
    """Schedule an object's next changes, earliest first; they replace earlier ones."""
    with store.transaction():
        name = _name(kind, key)
        store.put(partner, _JOB, name, {"kind": kind, "id": key, "steps": steps})
        _save_next_due(store)


def register(name: str, work: Work) -> None:
    """Make a kind of work known by its name, under which it is kept until it is done."""
    _WORK[name] = work


def do_later(store: Store, partner: int, work: str, key: str, at: float) -> None:
    """Do registered work on an object at a moment of the steady clock, besides what waits."""
    with store.transaction():
        name = _name(work, key)
        waiting = store.get(partner, _JOB, name)
        steps = [*(waiting["steps"] if waiting else []), (at, {})]
        store.put(partner, _JOB, name, {"kind": work, "id": key, "steps": steps})
        _save_next_due(store)


def on_change(kind: str, listener: Callable[[World, Data], None]) -> None:
    """Call ``listener`` with each object of a kind after a step."""
    _LISTENERS.setdefault(kind, []).append(listener)


def is_busy(store: Store, partner: int, kind: str, key: str) -> bool:
    """Whether an object still has scheduled changes."""
    return store.get(partner, _JOB, _name(kind, key)) is not None


def run_due(world: World) -> None:
    """Make all changes that are due."""
    store, steady = world.store, world.clock.steady()
    due = store.setting(_DUE)
    if due is None or due > steady:
        return
    with store.transaction():
        for partner in store.partners():
            for job in store.all(partner, _JOB):
                _run_job(world, partner, job, steady)
        _save_next_due(store)


def _name(kind: str, key: str) -> str:
    return f"{kind}:{key}"


def _run_job(world: World, partner: int, job: Data, steady: float) -> None:
    """Take the steps of a job that are due; the last one ends it."""
    store, name = world.store, _name(job["kind"], job["id"])
    for at, fields in job["steps"]:
        if at <= steady:
            _take_step(world, partner, job, fields)
    left = [step for step in job["steps"] if step[0] > steady]
    if left:
        store.put(partner, _JOB, name, job | {"steps": left})
    else:
        store.delete(partner, _JOB, name)


def _take_step(world: World, partner: int, job: Data, fields: Data) -> None:
    if work := _WORK.get(job["kind"]):
        work(world, partner, job["id"])
    elif world.store.get(partner, job["kind"], job["id"]) is not None:
        changes = fields | {"updatedAt": world.clock.now()}
        changed = world.store.change(partner, job["kind"], job["id"], **changes)
        for listener in _LISTENERS.get(job["kind"], ()):
            listener(world, changed)


def _save_next_due(store: Store) -> None:
    """Save when the next step is due, so that most requests look at one number."""
    jobs = [job for partner in store.partners() for job in store.all(partner, _JOB)]
    store.set_setting(_DUE, min((at for job in jobs for at, _ in job["steps"]), default=None))
