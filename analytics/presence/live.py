"""How many are on a session's page now, for those who run it: at its desk, or many at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from django.db.models import Count
from django.utils.translation import gettext as _

from analytics.models import Source, Stay
from analytics.presence.stays import SILENCE
from analytics.privacy.consent import notes_presence, noting_presence
from analytics.privacy.modes import rules_of_events
from events.models import Event, Session
from kaltura_bridge.live.numbers import LiveNumber
from kaltura_bridge.live.panels import LiveDesk


def on_the_page(desk: LiveDesk) -> Iterator[LiveNumber]:
    """Who agreed to be noted and is there now; nothing where the event notes nobody.

    The desk tells it as ``count_rules`` has it.
    """
    if not notes_presence(desk.event):
        return
    there = Stay.objects.filter(
        source=Source.PORTAL,
        run__remote_id=str(desk.session.uuid),
        left_at=None,
        pulled_at__gt=desk.now - SILENCE,
    )
    people = there.aggregate(people=Count("user", distinct=True))["people"]
    source = _("this portal: people who agreed to be noted")
    yield LiveNumber(_("On the session's page now"), people, source, desk.now)


def people_on_pages(sessions: Sequence[Session], now: datetime) -> dict[int, int]:
    """How many agreed to be noted and are on each session's page, by its primary key.

    What the event's privacy has of such a number is in ``count_rules``.
    """
    noting = set(noting_presence({session.event_id for session in sessions}))
    pks = {str(s.uuid): s.pk for s in sessions if s.event_id in noting}
    there = Stay.objects.filter(
        source=Source.PORTAL, run__remote_id__in=pks, left_at=None, pulled_at__gt=now - SILENCE
    )
    rows = there.order_by().values_list("run__remote_id")
    counts = dict(rows.annotate(people=Count("user", distinct=True)))
    return {pk: counts.get(uuid, 0) for uuid, pk in pks.items()}


def count_rules(events: Iterable[Event]) -> dict[int, Callable[[int], int | None]]:
    """How each of these events tells a number of people: as it is, rounded, or not at all."""
    return {pk: rules.count for pk, rules in rules_of_events(events).items()}
