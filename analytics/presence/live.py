"""How many are on a session's page now, for the desk of those who run it."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count
from django.utils.translation import gettext as _

from analytics.models import Source, Stay
from analytics.presence.stays import SILENCE
from analytics.privacy.consent import notes_presence
from analytics.privacy.modes import rules_of
from kaltura_bridge.live.numbers import LiveNumber
from kaltura_bridge.live.panels import LiveDesk


def on_the_page(desk: LiveDesk) -> Iterator[LiveNumber]:
    """Who agreed to be noted and is there now; nothing where the event notes nobody.

    Rounded, or kept back, as the event's privacy has it for any number of people.
    """
    if not notes_presence(desk.event):
        return
    there = Stay.objects.filter(
        source=Source.PORTAL,
        run__remote_id=str(desk.session.uuid),
        left_at=None,
        pulled_at__gt=desk.now - SILENCE,
    )
    number = rules_of(desk.event).count(
        there.aggregate(people=Count("user", distinct=True))["people"]
    )
    source = _("this portal: people who agreed to be noted")
    if number is None:
        source = _("this portal: fewer than this event tells of")
    yield LiveNumber(_("On the session's page now"), number, source, desk.now)
