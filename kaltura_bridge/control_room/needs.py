"""What of Kaltura and of these hours stands on the admin's first page; from our own tables only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.desk.needs import MOST, Need, Urgency
from events.models import Event, EventStatus, Session, SessionStatus
from events.permissions import PLANNERS, RUNNERS, events_for_team
from kaltura_bridge.control_room.hours import AROUND
from kaltura_bridge.models import SyncState, SyncTarget, TargetKind

_ROOM: Final = "admin:kaltura_bridge_control_room"


def coming_sessions(user: Any) -> Iterator[Need]:
    """Sessions that are on or begin within two hours, and what is wrong with them."""
    now = timezone.now()
    mine = events_for_team(user, RUNNERS).order_by().values("pk")
    failed = SyncTarget.objects.filter(kind=TargetKind.SESSION, state=SyncState.FAILED)
    draft = Q(status=SessionStatus.DRAFT) | Q(event__status=EventStatus.DRAFT)
    rows = (
        Session.objects.filter(event__in=mine, starts_at__lte=now + AROUND, ends_at__gt=now)
        .exclude(status=SessionStatus.CANCELLED)
        .exclude(event__status=EventStatus.CANCELLED)
        .order_by()
        .values_list("event", "event__title")
        .annotate(
            number=Count("pk"),
            drafts=Count("pk", filter=draft),
            failed=Count("pk", filter=Q(uuid__in=failed.values("object_uuid"))),
            closed=Count("pk", filter=~Q(join_test__told="") & Q(join_test__isnull=False)),
        )
    )
    for pk, title, number, drafts, refused, closed in rows.order_by("event__title")[:MOST]:
        text = ngettext(
            "%(n)d session is on or begins within two hours",
            "%(n)d sessions are on or begin within two hours",
            number,
        ) % {"n": number}
        wrong = list(_wrong(drafts, refused, closed))
        urgency = Urgency.NOW if wrong else Urgency.CALM
        said = _("%(text)s: %(wrong)s") % {"text": text, "wrong": ", ".join(wrong)}
        yield Need(urgency, said if wrong else text, reverse(_ROOM, args=[pk]), title)


def _wrong(drafts: int, refused: int, closed: int) -> Iterator[str]:
    if closed:
        text = ngettext("viewers cannot join %(n)d", "viewers cannot join %(n)d", closed)
        yield text % {"n": closed}
    if refused:
        yield ngettext("Kaltura refused %(n)d", "Kaltura refused %(n)d", refused) % {"n": refused}
    if drafts:
        text = ngettext("%(n)d is still a draft", "%(n)d are still drafts", drafts)
        yield text % {"n": drafts}


def sync_trouble(user: Any) -> Iterator[Need]:
    """What Kaltura refused, and what somebody changed there, by event."""
    mine = events_for_team(user, PLANNERS).order_by().values("uuid")
    drifted = Q(state=SyncState.SYNCED) & ~Q(changed_there="")
    rows = (
        SyncTarget.objects.filter(Q(state=SyncState.FAILED) | drifted, event_uuid__in=mine)
        .order_by()
        .values_list("event_uuid")
        .annotate(
            failed=Count("pk", filter=Q(state=SyncState.FAILED)),
            drifted=Count("pk", filter=drifted),
        )
    )
    found = list(rows.order_by("-failed", "-drifted", "event_uuid")[:MOST])
    known = Event.objects.filter(uuid__in=[uuid for uuid, *_numbers in found])
    events = {event.uuid: event for event in known}
    for uuid, failed, changed in found:
        if event := events.get(uuid):
            yield from _of_event(event, failed, changed)


def _of_event(event: Event, failed: int, changed: int) -> Iterator[Need]:
    listed = reverse("admin:kaltura_bridge_synctarget_changelist")
    if failed:
        text = ngettext(
            "%(n)d object could not be sent to Kaltura",
            "%(n)d objects could not be sent to Kaltura",
            failed,
        )
        asked = {"event_uuid__exact": str(event.uuid), "state__exact": SyncState.FAILED}
        url = f"{listed}?{urlencode(asked)}"
        yield Need(Urgency.NOW, text % {"n": failed}, url, event.title)
    if changed:
        text = ngettext(
            "%(n)d object was changed at Kaltura", "%(n)d objects were changed at Kaltura", changed
        )
        url = f"{reverse('admin:kaltura_bridge_dashboard')}?{urlencode({'event': event.slug})}"
        yield Need(Urgency.SOON, text % {"n": changed}, url, event.title)
