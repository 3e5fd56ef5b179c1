"""The line about unreleased changes on the admin's first page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import ngettext

from events.desk.needs import MOST, Need, Urgency
from events.models import UnreleasedChange
from events.permissions import PLANNERS, events_for_team


def unreleased_changes(user: Any) -> Iterator[Need]:
    """Events of which something waits to be released."""
    mine = events_for_team(user, PLANNERS).order_by().values("pk")
    rows = UnreleasedChange.objects.filter(event__in=mine).order_by()
    counted = rows.values_list("event", "event__title").annotate(number=Count("pk"))
    for pk, title, number in counted.order_by("-number", "event__title")[:MOST]:
        text = ngettext("%(n)d unreleased change", "%(n)d unreleased changes", number)
        url = reverse("admin:events_event_unreleased", args=[pk])
        yield Need(Urgency.CALM, text % {"n": number}, url, title)
