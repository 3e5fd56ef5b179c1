"""When the time for names is over: per event, so many days after its last day.

An unnamed account takes each person's place, as when somebody is erased: registrations,
stays and attendance count on as somebody's. Figures are computed before, and attendance is
fixed from then on: nothing is pulled or computed again. All in one transaction, so an event
is never half done; one that is done is not done again. Certificates stay: each was made for
whoever holds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from analytics.figures.left_out import left_out_among
from analytics.figures.renewal import renew
from analytics.figures.summary import event_figures_of, figures_of
from analytics.match import in_batches
from analytics.models import (
    CreditAppeal,
    CreditOverride,
    EventPrivacy,
    KnownSignIn,
    PersonLink,
    PrivacyChange,
    RecordingConsent,
    RejectedRow,
    RetentionAction,
    RoomRun,
    SessionAttendance,
    Stay,
    ViewerTotal,
)
from analytics.privacy.changing import privacy_tightened
from analytics.privacy.replacing import replace_people, unname_guests
from analytics.privacy.tokens import UNNAMED
from analytics.privacy.unnamed import unnamed_account
from events.models import Event, Registration, User


@dataclass(frozen=True)
class RetentionPlan:
    """What is done with one event, and when; the numbers are those of today."""

    event: Event
    action: str
    due_on: date
    people: int
    attendance: int
    stays: int
    totals: int

    @property
    def is_due(self) -> bool:
        return self.due_on <= timezone.localdate(timezone=self.event.zone)

    def as_json(self) -> dict[str, object]:
        """For ``--json``."""
        numbers = {key: value for key, value in asdict(self).items() if isinstance(value, int)}
        return {
            "event": self.event.slug,
            "action": self.action,
            "due_on": self.due_on.isoformat(),
            "due": self.is_due,
            **numbers,
        }


def retention_plans(events: Iterable[int] | None = None) -> list[RetentionPlan]:
    """Every event whose names have a last day that was not carried out, the next due first.

    Changes nothing. ``events``: primary keys, of those only.
    """
    rows = EventPrivacy.objects.filter(retention_days__isnull=False, retained_at=None)
    if events is not None:
        rows = rows.filter(event__in=events)
    plans = [_plan(row) for row in rows.select_related("event")]
    return sorted(plans, key=lambda plan: (plan.due_on, plan.event.pk))


def _plan(row: EventPrivacy) -> RetentionPlan:
    event = row.event
    return RetentionPlan(
        event,
        row.retention_action,
        event.ends_on + timedelta(days=(row.retention_days or 0) + 1),
        len(_people(event)),
        SessionAttendance.objects.filter(session__event=event).count(),
        _stays(event).count(),
        ViewerTotal.objects.filter(session__event=event).count(),
    )


def apply_due() -> list[RetentionPlan]:
    """Carry out everything that is due. Returns what was done."""
    return [plan for plan in retention_plans() if plan.is_due and retain(plan.event)]


def retain(event: Event) -> bool:
    """Replace or delete who attended, now. False when that was done before."""
    # As they are, with names: from then on nothing is computed anew.
    renew(event.sessions.values_list("pk", flat=True))
    figures_of(event.sessions.all())
    event_figures_of(event)
    with transaction.atomic():
        row = EventPrivacy.objects.select_for_update().get(event=event)
        if row.retained_at is not None:
            return False
        # Afterwards, what counts nowhere could not be told from guests.
        left_out_among(_stays(event), event).delete()
        left_out_among(ViewerTotal.objects.filter(session__event=event), event).delete()
        people = _people(event)
        replace_people(event, people, _accounts(len(people)))
        _forget_choices(event, people)
        _unname_guests(event)
        _forget_reports(event, delete=row.retention_action == RetentionAction.DELETE)
        row.retained_at = row.files_valid_from = timezone.now()
        row.save(update_fields=["retained_at", "files_valid_from"])
        PrivacyChange.objects.create(
            event=event,
            field="retention",
            after=row.retention_action,
            reason=f"{len(people)} people, {row.retention_days} days after the last day",
        )
        privacy_tightened.send(sender=EventPrivacy, event=event)
    return True


def _stays(event: Event) -> QuerySet[Stay]:
    of_event = Q(run__session__event=event) | Q(run__session=None, run__event=event)
    return Stay.objects.filter(of_event)


def _people(event: Event) -> list[int]:
    """The accounts that the event's rows name, but for those without a name already."""
    found: set[int | None] = set()
    for rows in (
        Registration.objects.filter(event=event),
        SessionAttendance.objects.filter(session__event=event),
        _stays(event),
        ViewerTotal.objects.filter(session__event=event),
    ):
        found.update(rows.order_by().values_list("user_id", flat=True).distinct())
    known = User.objects.filter(pk__in=[pk for pk in found if pk is not None])
    return sorted(
        known.exclude(is_active=False, email__startswith="unnamed-").values_list("pk", flat=True)
    )


def _accounts(number: int) -> list[User]:
    """So many unnamed accounts. One password hash is enough: it fits no password."""
    password = make_password(None)
    return User.objects.bulk_create(
        [unnamed_account(password) for _ in range(number)], batch_size=500
    )


def _forget_choices(event: Event, people: Sequence[int]) -> None:
    """What ties the people of the event to what they did there, and counts nothing."""
    for some in in_batches(people):
        for model in (PersonLink, RecordingConsent, KnownSignIn):
            model.objects.filter(user__in=some, event=event).delete()
        for decisions in (CreditAppeal, CreditOverride):
            decisions.objects.filter(user__in=some, rule__event=event).delete()


def _unname_guests(event: Event) -> None:
    """People without an account: each gets one token in all of the event's sessions."""
    unname_guests(event)
    _stays(event).filter(user=None).update(remote_user_id="", name="", email="")
    ViewerTotal.objects.filter(session__event=event, user=None, is_anonymous=False).update(
        remote_user_id=Concat(Value(UNNAMED), Cast("pk", CharField())), name=""
    )


def _forget_reports(event: Event, *, delete: bool) -> None:
    """What was received names people, too; with ``delete`` even stays and totals go."""
    RejectedRow.objects.filter(event=event).delete()
    RoomRun.objects.filter(Q(session__event=event) | Q(event=event)).update(raw={})
    totals = ViewerTotal.objects.filter(session__event=event)
    if delete:
        _stays(event).delete()
        totals.delete()
    else:
        _stays(event).update(raw={}, remote_key=Concat(Value("retained/"), Cast("pk", CharField())))
        totals.update(raw={})
