"""Several copies of an event at once, and the series that they belong to."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import date

from django.utils.translation import override

from events.actions import save_planned
from events.changes import changes
from events.copying import EVERYTHING, clone_event
from events.i18n.dates import plain_day
from events.models import Event, EventSeries, User


@changes()
def clone_repeatedly(
    event: Event,
    *,
    title: str,
    days: Sequence[date],
    slug: str = "",
    owner: User | None = None,
    parts: Set[str] = EVERYTHING,
    in_series: bool = False,
) -> list[Event]:
    """A copy that begins on each of ``days``, all or none; see ``clone_event``.

    Of several, each has its day in its title. ``in_series``: they join the event's series, or
    begin one of its name together with it; a template itself belongs to none.
    """
    series = _series_of(event, title) if in_series else None
    copies = []
    for number, day in enumerate(days):
        copy = clone_event(
            event,
            title=dated_title(event, title, day) if len(days) > 1 else title,
            starts_on=day,
            slug=slug if number == 0 else "",
            owner=owner,
            parts=parts,
        )
        if series:
            copy.series = series
            save_planned(copy, ["series", "updated_at"], checked=True)
        copies.append(copy)
    return copies


def dated_title(event: Event, title: str, day: date) -> str:
    """ "Open hour, 6 January 2027", in the language of the event."""
    with override(event.language or None):
        return f"{title[:160]}, {plain_day(day)}"


def _series_of(event: Event, title: str) -> EventSeries:
    if event.series:
        return event.series
    series = EventSeries(title=title if event.is_template else event.title)
    series.full_clean()
    series.save()
    if not event.is_template:
        event.series = series
        save_planned(event, ["series", "updated_at"], checked=True)
    return series
