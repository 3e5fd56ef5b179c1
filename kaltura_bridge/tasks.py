"""Background work. The database is the queue; these only look into it.

Imports of what speaks to Kaltura are inside the tasks: the web process rings but never
loads the client.
"""

from __future__ import annotations

import logging
from typing import Any

from celery import Task, shared_task

logger = logging.getLogger(__name__)

# Well below the task's time limit; beat goes on with what is left.
LONGEST_S = 240


@shared_task(name="kaltura_bridge.sync_due")
def sync_due() -> None:
    """Bring everything that is due in step."""
    from kaltura_bridge.sync import service  # loads the Kaltura client

    service.sync_due(for_s=LONGEST_S)


@shared_task(name="kaltura_bridge.sweep")
def sweep() -> None:
    """Read back what is in step, so that changes made at Kaltura are noticed."""
    from kaltura_bridge.sync import reconcile  # loads the Kaltura client

    reconcile.sweep()


@shared_task(name="kaltura_bridge.find_orphans")
def find_orphans(pk: int) -> None:
    """Look for orphans and keep the list."""
    from kaltura_bridge.orphans import runs  # loads the Kaltura client

    runs.look_for(pk)


@shared_task(name="kaltura_bridge.delete_orphans")
def delete_orphans(pk: int) -> None:
    """Delete what a person chose of a list."""
    from kaltura_bridge.orphans import runs  # loads the Kaltura client

    runs.delete_from(pk)


@shared_task(name="kaltura_bridge.checkup")
def checkup(pk: int) -> None:
    """Run the doctor for somebody who waits on its page."""
    from kaltura_bridge.doctor import checkups

    checkups.carry_out(pk)


@shared_task(name="kaltura_bridge.make_plan")
def make_plan(pk: int) -> None:
    """Plan an event for somebody who waits on its page."""
    from kaltura_bridge.sync import plan_runs  # loads the Kaltura client

    plan_runs.make(pk)


@shared_task(name="kaltura_bridge.apply_plan")
def apply_plan(pk: int) -> None:
    """Do exactly the plan that was shown."""
    from kaltura_bridge.sync import plan_runs  # loads the Kaltura client

    plan_runs.apply(pk, LONGEST_S)


def hand_over(task: Task[..., None], *arguments: Any) -> bool:
    """Give work to a worker. False when the broker does not take it."""
    try:
        task.delay(*arguments)
    except Exception as error:  # the broker's own errors differ by broker
        logger.warning("The broker did not take %s (%s)", task.name, error)
        return False
    return True
