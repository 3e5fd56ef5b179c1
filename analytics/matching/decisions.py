"""Decisions about matching: made, taken back, and what follows from either.

Each is a row that says who, when and why. One thing has one decision that stands; whoever
decides says which they have seen, so nobody overrules a decision that they do not know of.
"""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.aggregate import rebuild_all
from analytics.figures.left_out import sessions_under_tokens
from analytics.match import match_people
from analytics.matching.parts import renew_parts
from analytics.matching.people import (
    apply_link,
    forget_link,
    match_further,
    stays_at,
    totals_at,
)
from analytics.matching.settle import settle_again
from analytics.models import MarkedTester, PersonLink, RoomRun, RunDecision, Source
from analytics.privacy.tokens import UNNAMED
from analytics.remote_people import sources_naming
from events.models import Event, Registration, Session, TeamMember, User
from events.permissions import ANALYSTS, events_for_team


class StaleDecision(Exception):
    """Somebody else has decided meanwhile; nothing was changed."""


# --- Runs --------------------------------------------------------------------------------


def assign_run(
    run: RoomRun, session: Session | None, by: User, reason: str = "", *, seen: int | None = None
) -> RunDecision:
    """Say that a run belongs to a session, or to none. ``seen``: the decision that stood.

    Raises StaleDecision.
    """
    return _decide_run(RunDecision(run=run, session=session, decided_by=by, reason=reason), seen)


def split_run(
    run: RoomRun,
    at: datetime,
    before: Session | None,
    after: Session | None,
    by: User,
    reason: str = "",
    *,
    seen: int | None = None,
) -> RunDecision:
    """Say that a run is two: until ``at`` one session's, from then on another's.

    Raises ValidationError when the moment is not within the run, and StaleDecision.
    """
    if not run.started_at < at < (run.ended_at or run.pulled_at):
        raise ValidationError(_("The moment of the split must lie within the run."))
    decision = RunDecision(run=run, session=before, session_after=after, split_at=at)
    decision.decided_by, decision.reason = by, reason
    return _decide_run(decision, seen)


def _decide_run(decision: RunDecision, seen: int | None) -> RunDecision:
    with transaction.atomic():
        run = _locked_run(decision.run_id)
        _take_back_seen(RunDecision.objects.filter(run=run), seen, decision.decided_by)
        decision.run = run
        decision.save()
        settle_again([run])
    return decision


def undo_run_decision(decision: RunDecision, by: User) -> None:
    """Take a decision back: the rules decide again. Raises StaleDecision when it is undone."""
    with transaction.atomic():
        run = _locked_run(decision.run_id)
        _take_back_seen(RunDecision.objects.filter(run=run), decision.pk, by)
        settle_again([run])


def _locked_run(pk: int) -> RoomRun:
    """The reported run, held until the end of the transaction; decisions about it wait."""
    return RoomRun.objects.select_for_update(of=("self",)).get(pk=pk, part_of=None)


def _take_back_seen(
    decisions: QuerySet[RunDecision] | QuerySet[PersonLink] | QuerySet[MarkedTester],
    seen: int | None,
    by: User | None,
) -> None:
    """Mark the decision that stands as undone, if it is the one that the person has seen."""
    standing = decisions.filter(undone_at=None)
    if {row.pk for row in standing} != ({seen} if seen else set()):
        raise StaleDecision
    standing.update(undone_at=timezone.now(), undone_by=by)


# --- People ------------------------------------------------------------------------------


def people_linkable_by(analyst: User) -> QuerySet[User]:
    """Whom this analyst may say that somebody is: people of events whose figures they read."""
    mine = events_for_team(analyst, ANALYSTS).values("pk")
    here = {"user": OuterRef("pk"), "event__in": mine}
    return User.objects.filter(
        Exists(Registration.objects.filter(**here)) | Exists(TeamMember.objects.filter(**here))
    )


def link_person(
    event: Event, source: str, remote_user_id: str, user: User, by: User, reason: str = ""
) -> PersonLink:
    """Say that a remote person is an account, in all of an event's sessions.

    Raises ValidationError when no source reported such a person there, and StaleDecision when
    somebody has linked them already. Whether ``by`` may link to ``user`` is for the caller,
    see ``people_linkable_by``.
    """
    name = reported_name(event, source, remote_user_id)
    if name is None:
        raise ValidationError(_("Nobody of this id is left to link."))
    who = {"event": event, "source": source, "remote_user_id": remote_user_id}
    try:
        with transaction.atomic():
            # Whoever links the same person by another source's id waits here.
            Event.objects.select_for_update().get(pk=event.pk)
            if _links_of(event, source, remote_user_id).exists():
                raise StaleDecision
            link = PersonLink(**who, user=user, name=name[:255], decided_by=by, reason=reason)
            link.save()
            _renew(event, apply_link(link))
    except IntegrityError as error:  # One link stands for a person.
        raise StaleDecision from error
    return link


def undo_link(link: PersonLink, by: User) -> None:
    """Take a link back: its rows are nobody's, or whose a rule says. Raises StaleDecision."""
    with transaction.atomic():
        _take_back_seen(PersonLink.objects.filter(pk=link.pk), link.pk, by)
        touched = forget_link(link)
        match_people(stays_at(link.event_id))
        match_people(totals_at(link.event_id))
        _renew(link.event, touched | match_further(link.event_id))


def reported_name(event: Event, source: str, remote_user_id: str) -> str | None:
    """The name under which a remote person was reported; None when nobody was, or by no id.

    Nor of who said no to a name: no link may give it back.
    """
    if remote_user_id.startswith(UNNAMED):
        return None
    if remote_user_id in ("", "0") or source not in Source.values:
        return None
    who = {"source": source, "remote_user_id": remote_user_id}
    for rows in (stays_at(event).filter(**who), totals_at(event).filter(**who)):
        found = rows.order_by("pk").values_list("name", flat=True).first()
        if found is not None:
            return str(found)
    return None


def _links_of(event: Event, source: str, remote_user_id: str) -> QuerySet[PersonLink]:
    """What stands of whom this source, or another by the same id, names so."""
    sources = sources_naming(source, remote_user_id)
    same = PersonLink.objects.filter(event=event, remote_user_id=remote_user_id)
    return same.filter(source__in=sources, undone_at=None)


def _renew(event: Event, touched: set[int]) -> None:
    """Bring the parts of split runs, and every figure that turns on it, in line."""
    split = RoomRun.objects.filter(event=event, is_split=True)
    rebuild_all(touched | renew_parts(split))


# --- Testers -----------------------------------------------------------------------------


def mark_tester(event: Event, user: User, by: User, reason: str = "") -> MarkedTester:
    """Say that somebody's attendance of an event is a test. Raises StaleDecision."""
    try:
        with transaction.atomic():
            mark = MarkedTester.objects.create(event=event, user=user, decided_by=by, reason=reason)
            rebuild_all(attended_by(event, user))
    except IntegrityError as error:
        raise StaleDecision from error
    return mark


def undo_tester(mark: MarkedTester, by: User) -> None:
    """Count somebody among the people again. Raises StaleDecision."""
    with transaction.atomic():
        _take_back_seen(MarkedTester.objects.filter(pk=mark.pk), mark.pk, by)
        rebuild_all(attended_by(mark.event, mark.user))


def attended_by(event: Event, user: User) -> set[int]:
    """The pks of the event's sessions in which somebody was reported, by name or without it."""
    rows = Session.objects.filter(event=event, attendance__user=user)
    return {*rows.values_list("pk", flat=True), *sessions_under_tokens(event, [user.pk])}
