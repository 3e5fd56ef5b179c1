"""Background work. The database is the queue; these only look into it.

Whoever wants one run wakes a worker by its name (queue.py). Imports of what speaks to
Kaltura are inside the tasks: a worker registers them all, and loads only what it runs.
"""

from __future__ import annotations

from celery import shared_task

from kaltura_bridge.queue import TaskName

# Well below the task's time limit; beat goes on with what is left.
LONGEST_S = 240


@shared_task(name=TaskName.SYNC_DUE)
def sync_due() -> None:
    """Bring everything that is due in sync."""
    from kaltura_bridge.sync import service  # loads the Kaltura client

    service.sync_due(for_s=LONGEST_S)


@shared_task(name=TaskName.SWEEP)
def sweep() -> None:
    """Read back what is in sync, so that changes made at Kaltura are noticed."""
    from kaltura_bridge.sync import reconcile  # loads the Kaltura client

    reconcile.sweep(for_s=LONGEST_S)


@shared_task(name=TaskName.FIND_ORPHANS)
def find_orphans(pk: int) -> None:
    """Look for orphans and keep the list."""
    from kaltura_bridge.orphans import runs  # loads the Kaltura client

    runs.run_requested_scan(pk)


@shared_task(name=TaskName.DELETE_ORPHANS)
def delete_orphans(pk: int) -> None:
    """Delete what a person chose of a list."""
    from kaltura_bridge.orphans import runs  # loads the Kaltura client

    runs.run_requested_removal(pk)


@shared_task(name=TaskName.CHECKUP)
def checkup(pk: int) -> None:
    """Run the doctor for somebody who waits on its page."""
    from kaltura_bridge.doctor import checkups

    checkups.run_checkup(pk)


@shared_task(name=TaskName.MAKE_PLAN)
def make_plan(pk: int) -> None:
    """Plan an event for somebody who waits on its page."""
    from kaltura_bridge.sync import plan_runs  # loads the Kaltura client

    plan_runs.make(pk)


@shared_task(name=TaskName.APPLY_PLAN)
def apply_plan(pk: int) -> None:
    """Do exactly the plan that was shown."""
    from kaltura_bridge.sync import plan_runs  # loads the Kaltura client

    plan_runs.apply(pk, LONGEST_S)


@shared_task(name=TaskName.LOOK_UP)
def look_up(pk: int) -> None:
    """Look what somebody wants to link to, for their page."""
    from kaltura_bridge.repair import lookups  # loads the Kaltura client

    lookups.run_lookup(pk)


@shared_task(name=TaskName.LOOK_FOR_RECORDINGS)
def look_for_recordings() -> None:
    """Find what was recorded of sessions, and see to the changes that people asked for."""
    from kaltura_bridge.recordings import changing, looking  # loads the Kaltura client

    changing.run_due(for_s=LONGEST_S / 2)
    looking.look_due(for_s=LONGEST_S / 2)


@shared_task(name=TaskName.LOOK_AT_GALLERIES)
def look_at_galleries() -> None:
    """Open each gallery, and note where KAF refuses it."""
    from kaltura_bridge.gallery import looking

    looking.look_at_galleries()


@shared_task(name=TaskName.CLEAR_TICKETS)
def clear_tickets() -> None:
    """Forget who came in more than a day ago."""
    from kaltura_bridge.join import tickets

    tickets.clear_old()


@shared_task(name=TaskName.CAPTIONS)
def look_after_captions(read_catalogue: bool = False) -> None:
    """Order, follow and fetch captions; with ``read_catalogue`` somebody waits for prices."""
    from kaltura_bridge.captions import service  # loads the Kaltura client

    service.look_after_captions(read_catalogue=read_catalogue)


@shared_task(name=TaskName.JOIN_TESTS)
def join_tests() -> None:
    """Join as a viewer what begins soon, and deliver the alarms of that."""
    from kaltura_bridge.join_tests import calls, service

    service.run_due(for_s=LONGEST_S / 2)
    calls.send_due(for_s=LONGEST_S / 4)
