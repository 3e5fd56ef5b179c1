"""Linking to another object: by whom, to what, and only after a look at what it is.

An object that carries our key for the very object may be linked by whoever plans it; one
that carries no key of ours belongs to nobody here, so only an operator of the account may
choose it. Everything else gets one answer, whether it is there or not: IDs count up, and
whoever tries them all must not learn which belong to others.

The worker looks (lookups.py); nothing here speaks to Kaltura.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kaltura_bridge.models import LookupVerdict, RelinkLookup, RemoteLink
from kaltura_bridge.permissions import is_operator
from kaltura_bridge.queue import TaskName, enqueue
from kaltura_bridge.specs import Kind

NO_SUCH_OBJECT: Final = gettext_lazy("There is no such object that you may choose.")
_ENTRY_ID: Final = re.compile(r"[0-9]_[0-9a-z]{8}")
_NUMBER: Final = re.compile(r"[0-9]{1,18}")
# What a person may link to another object, and how its IDs look. The others depend on these.
RELINKABLE: Final[Mapping[Kind, re.Pattern[str]]] = {
    Kind.CATEGORY: _NUMBER,
    Kind.ENTRY: _ENTRY_ID,
    Kind.ROOM: _ENTRY_ID,
    Kind.SCHEDULE_EVENT: _NUMBER,
    Kind.RESOURCE: _NUMBER,
}


def why_no_id(link: RemoteLink, remote_id: str) -> str:
    """Why this cannot be the ID of such an object, by its form alone; "" when it can."""
    form = RELINKABLE.get(Kind(link.kind))
    if form is None:
        return _("It belongs to another object at Kaltura. Relink that one instead.")
    if not form.fullmatch(remote_id):
        kind = link.get_kind_display().lower()
        return _("“%(remote_id)s” is not the ID of a %(kind)s. Copy it from Kaltura.") % {
            "remote_id": remote_id,
            "kind": kind,
        }
    return (
        _("It is already linked to %(remote_id)s.") % {"remote_id": remote_id}
        if remote_id == link.remote_id
        else ""
    )


def request_lookup(link: RemoteLink, remote_id: str, user: Any) -> bool:
    """Have the worker look what this is, on behalf of the person. False without a worker."""
    lookup = RelinkLookup.objects.create(link=link, remote_id=remote_id, asked_by_id=user.pk)
    if enqueue(TaskName.LOOK_UP, lookup.pk):
        return True
    lookup.delete()
    return False


def latest_lookup(link: RemoteLink, remote_id: str, user: Any) -> RelinkLookup | None:
    """The person's last look at this object, while it counts."""
    since = timezone.now() - RelinkLookup.FRESH_FOR
    mine = RelinkLookup.objects.filter(link=link, remote_id=remote_id, asked_by=user.pk)
    return mine.filter(asked_at__gt=since).select_related("asked_by").first()


def may_link(link: RemoteLink, lookup: RelinkLookup) -> bool:
    """Whether the person who looked may link to what they saw, as everything stands now."""
    is_theirs = lookup.link_id == link.pk and lookup.asked_at > (
        timezone.now() - RelinkLookup.FRESH_FOR
    )
    if not is_theirs or holders_of(link, lookup.remote_id).exists():
        return False
    if lookup.verdict == LookupVerdict.OWN:
        return True
    return lookup.verdict == LookupVerdict.FREE and is_operator(lookup.asked_by)


def holders_of(link: RemoteLink, remote_id: str) -> QuerySet[RemoteLink]:
    """Other links with this ID, of whatever kind; a thumbnail has the ID of its entry."""
    others = RemoteLink.objects.filter(remote_id=remote_id).exclude(pk=link.pk)
    return others.exclude(kind=Kind.THUMBNAIL)
