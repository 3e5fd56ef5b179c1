"""Whose rows count nowhere: the team and people on stage whose name is not kept.

Figures count the audience, and these people are none; but a row without a name does not say
whose it is. So the tokens that stand for them are worked out anew from who they are, each
time figures are computed, and rows under these tokens are left out: of the figures, and of
every list and file of rows as well, for whatever is in one and not in the other would tell
whose token it is. Nothing that leads from a token to a person is stored.

A tester's mark never acts on a token, and nor does an administrator's status: an analyst gives
and takes marks whenever they like, and whichever token then came or went would be that
person's. Without a name they count as audience.

This is the one place that says so: ``but_left_out`` to SQL, ``without_left_out`` to queries.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat, Substr

from analytics.models import (
    EventPrivacy,
    PrivacyChange,
    RecordingConsent,
    StageStandIn,
    Stay,
    ViewerTotal,
)
from analytics.privacy.tokens import TOKEN_LENGTH, token_of_person
from events.models import Event, Session, SessionSpeaker, TeamMember, TeamRole, User

Rows = TypeVar("Rows", Stay, ViewerTotal)


@dataclass(frozen=True)
class LeftOut:
    """Tokens of people who are no audience: in all of an event, or in single sessions."""

    everywhere: frozenset[str] = frozenset()
    on_stage: frozenset[tuple[int, str]] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.everywhere or self.on_stage)


def but_left_out(row: str, session: str, session_pks: Iterable[int]) -> str:
    """SQL that goes after a condition on reported rows ``row`` of ``session``, a number."""
    found = left_out(Event.objects.filter(sessions__in=list(session_pks)))
    token = f"SUBSTR({row}.remote_user_id, 1, {TOKEN_LENGTH})"
    told = []
    # Tokens are hexadecimal digits of ours, never text of anybody's.
    if found.everywhere:
        tokens = ", ".join(f"'{each}'" for each in sorted(found.everywhere))
        told.append(f"{token} IN ({tokens})")
    if found.on_stage:
        pairs = ", ".join(f"({pk}, '{each}')" for pk, each in sorted(found.on_stage))
        told.append(f"({session}, {token}) IN (VALUES {pairs})")
    return f" AND NOT ({row}.user_id IS NULL AND ({' OR '.join(told)}))" if told else ""


def without_left_out(rows: QuerySet[Rows], events: QuerySet[Event] | None = None) -> QuerySet[Rows]:
    """Reported rows without those that count nowhere; ``events``: where they may be."""
    found = left_out(Event.objects.all() if events is None else events)
    return rows.exclude(pk__in=_rows_of(rows, found).values("pk")) if found else rows


def left_out_among(rows: QuerySet[Rows], event: Event) -> QuerySet[Rows]:
    """Those of the event's reported rows that count nowhere."""
    return _rows_of(rows, left_out(Event.objects.filter(pk=event.pk)))


def _rows_of(rows: QuerySet[Rows], found: LeftOut) -> QuerySet[Rows]:
    session = "run__session_id" if rows.model is Stay else "session_id"
    # Of a run without a session nobody knows whose stage it is.
    nowhere = Q(**{session.removesuffix("_id"): None}, token__in={t for _, t in found.on_stage})
    places = [f"{pk}/{token}" for pk, token in found.on_stage]
    known = rows.filter(user=None).alias(
        token=Substr("remote_user_id", 1, TOKEN_LENGTH),
        place=Concat(
            Cast(F(session), CharField()),
            Value("/"),
            Substr("remote_user_id", 1, TOKEN_LENGTH),
            output_field=CharField(),
        ),
    )
    return known.filter(Q(token__in=found.everywhere) | Q(place__in=places) | nowhere)


def left_out(events: QuerySet[Event]) -> LeftOut:
    """The tokens of everybody in these events who is no audience, whatever they answered.

    An answer counts for what is recorded after it, so what was recorded before may lie under
    either; and an event that asks first hides the name of who has not answered, too.
    """
    hiding = {event.pk: event for event in _hiding_names(events)}
    if not hiding:
        return LeftOut()
    # So many queries for any number of events: pages of rows are of all that the reader has.
    team = TeamMember.objects.filter(event__in=hiding).exclude(role=TeamRole.ANALYST)
    of_team = set(team.order_by().values_list("event", "user"))
    on_stage = _on_stage(hiding)
    pks = {user for _, user in of_team} | {user for _, _, user in on_stage}
    users = User.objects.only("uuid").in_bulk(pks)
    return LeftOut(
        frozenset(token_of_person(hiding[event], users[user]) for event, user in of_team),
        frozenset(
            (session, token_of_person(hiding[event], users[user]))
            for event, session, user in on_stage
        ),
    )


def hiding_names() -> QuerySet[Event]:
    """The events in which anybody's name may not be kept: most are none."""
    return _hiding_names(Event.objects.all())


def _hiding_names(events: QuerySet[Event]) -> QuerySet[Event]:
    """Those of the events in which anybody's name may not be kept: most have none."""
    of_event = {"event": OuterRef("pk")}
    return Event.objects.filter(
        Exists(RecordingConsent.objects.filter(**of_event))
        | Exists(EventPrivacy.objects.filter(**of_event, asks_consent=True))
        | Exists(PrivacyChange.objects.filter(**of_event, field="asks_consent")),
        pk__in=events.values("pk"),
    )


def team_of(event: Event) -> QuerySet[User]:
    """Who is no audience in any session, with a name or without."""
    team = TeamMember.objects.filter(event=event).exclude(role=TeamRole.ANALYST)
    return User.objects.filter(pk__in=team.values("user")).only("uuid")


def stage_people_of(event: Event) -> QuerySet[User]:
    """Who is on stage in any session of the event."""
    seen = SessionSpeaker.objects.filter(session__event=event, speaker__user__isnull=False)
    stand_ins = StageStandIn.objects.filter(session__event=event)
    return User.objects.filter(
        Q(pk__in=seen.values("speaker__user")) | Q(pk__in=stand_ins.values("user"))
    )


def _on_stage(events: Iterable[int]) -> set[tuple[int, int, int]]:
    """(event, session, person) of everybody on stage in these events."""
    pks = list(events)
    seen = SessionSpeaker.objects.filter(session__event__in=pks, speaker__user__isnull=False)
    stand_ins = StageStandIn.objects.filter(session__event__in=pks, user__isnull=False)
    return {
        *seen.order_by().values_list("session__event", "session", "speaker__user"),
        *stand_ins.order_by().values_list("session__event", "session", "user"),
    }


def sessions_under_tokens(event: Event, users: Iterable[int]) -> set[int]:
    """The sessions in which these people were reported, and their names are not kept."""
    if not _hiding_names(Event.objects.filter(pk=event.pk)).exists():
        return set()
    people = User.objects.filter(pk__in=list(users)).only("uuid")
    tokens = [token_of_person(event, person) for person in people]
    stays = Stay.objects.filter(remote_user_id__in=tokens).order_by()
    totals = ViewerTotal.objects.filter(remote_user_id__in=tokens).order_by()
    found = {
        *stays.values_list("run__session", flat=True),
        *totals.values_list("session", flat=True),
    }
    return found & set(Session.objects.filter(event=event).values_list("pk", flat=True))
