"""The admin's first page says where people on stage wait for an answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import ngettext

from events.desk.needs import MOST, Need, Urgency
from events.models import ProposalState, SpeakerProposal
from events.permissions import PLANNERS, events_for_team


def proposals_that_wait(user: Any) -> Iterator[Need]:
    """What speakers changed and nobody has looked at, by event."""
    mine = events_for_team(user, PLANNERS).order_by().values("pk")
    rows = SpeakerProposal.objects.filter(event__in=mine, state=ProposalState.WAITING)
    counted = rows.order_by().values_list("event", "event__title").annotate(number=Count("pk"))
    for pk, title, number in counted.order_by("-number", "event__title")[:MOST]:
        text = ngettext(
            "%(n)d change by speakers waits for approval",
            "%(n)d changes by speakers wait for approval",
            number,
        )
        url = reverse("admin:events_event_stage", args=[pk])
        yield Need(Urgency.SOON, text % {"n": number}, url, title)
