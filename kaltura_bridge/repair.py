"""What a person may choose when something is not in step; each choice is a verb in the admin.

None of them asks Kaltura: they change what the next sync will find, and ring for it.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from kaltura_bridge import states
from kaltura_bridge.models import Account, RemoteLink, SyncTarget
from kaltura_bridge.receivers import ring_on_commit


@transaction.atomic
def retry(targets: QuerySet[SyncTarget]) -> int:
    """Compare and send again, now, even if the account rests. Returns how many were called up."""
    called = states.touch_all(targets)
    Account.objects.update(paused_until=None)
    ring_on_commit()
    return called


@transaction.atomic
def push_ours(targets: QuerySet[SyncTarget]) -> int:
    """Overwrite what someone changed at Kaltura with what is planned here.

    What Kaltura holds becomes the base of the comparison, so every field that differs
    counts as changed here. Returns how many fields will be written.
    """
    fields = 0
    for link in RemoteLink.objects.filter(target__in=targets):
        theirs = {n: v for n, v in link.seen.items() if n in link.pushed and link.pushed[n] != v}
        if theirs:
            link.pushed |= theirs
            link.save(update_fields=["pushed"])
            fields += len(theirs)
    retry(targets)
    return fields


@transaction.atomic
def recreate(targets: QuerySet[SyncTarget]) -> int:
    """Make anew what someone deleted at Kaltura. Returns how many objects."""
    gone = RemoteLink.objects.filter(target__in=targets, gone=True)
    number, _ = gone.delete()
    retry(targets)
    return number
