"""Background work. The database is the queue; these only look into it.

Imports of what speaks to Kaltura are inside the tasks: the web process rings but never
loads the client.
"""

from __future__ import annotations

from celery import shared_task

# Well below the task's time limit; beat goes on with what is left.
LONGEST_S = 240


@shared_task(name="kaltura_bridge.sync_due")
def sync_due() -> None:
    """Bring everything that is due in step."""
    from kaltura_bridge import sync  # loads the Kaltura client

    sync.sync_due(for_s=LONGEST_S)


@shared_task(name="kaltura_bridge.sweep")
def sweep() -> None:
    """Read back what is in step, so that changes made at Kaltura are noticed."""
    from kaltura_bridge import reconcile  # loads the Kaltura client

    reconcile.sweep()
