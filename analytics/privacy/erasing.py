"""Erasing a person: nothing that names them is left, every figure stays, and there is a receipt.

In each event an unnamed account takes the person's place: its registration, stars, stays
and attendance count on as somebody's. It is another account in each event, so that nobody
is known again by where they have been. What sources report about them later is stored as
the unnamed account's, too (withholding.py).
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from analytics.figures.left_out import hiding_names
from analytics.match import in_batches
from analytics.models import (
    Certificate,
    ErasureReceipt,
    EventPrivacy,
    KnownSignIn,
    MarkedTester,
    PersonLink,
    RecordingConsent,
    RejectedRow,
    RoomRun,
    SessionAttendance,
    StageStandIn,
    Stay,
    ViewerTotal,
    WithheldIdentity,
)
from analytics.privacy.changing import privacy_tightened
from analytics.privacy.tokens import digest_of, token_of_person
from analytics.privacy.unnamed import (
    NAME,
    identities,
    new_account,
    unname_stays,
    unname_totals,
)
from events.models import (
    Bookmark,
    Event,
    Invitation,
    OutgoingMail,
    Registration,
    RestingAddress,
    SessionFeedback,
    SessionSpeaker,
    TeamMember,
    User,
)
from events.signals import person_erased
from kaltura_bridge.join.identity import kaltura_user_id


class CannotErase(Exception):
    """Why somebody cannot be erased, and what to do first."""


def erase_person(user: User, asked_by: User | None) -> ErasureReceipt:
    """Erase somebody everywhere, at once. ``asked_by``: None or the person for themselves.

    Kaltura is asked to forget them afterwards, in the background, until it has answered
    (at_kaltura.py). Raises CannotErase for administrators.
    """
    if user.is_superuser:
        raise CannotErase(
            "Administrators cannot be erased. Take away their superuser status first."
        )
    with transaction.atomic():
        # Two who ask at once: the second finds nobody.
        locked = User.objects.select_for_update().filter(pk=user.pk).first()
        if locked is None:
            raise CannotErase("This account is gone already.")
        return _Erasure(locked).run(asked_by)


class _Erasure:
    """One person's erasure, within one transaction."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.person = uuid.uuid4()
        self.rows: Counter[str] = Counter()
        self.events: dict[int | None, User] = {}

    def run(self, asked_by: User | None) -> ErasureReceipt:
        names = self._identities()
        self._withhold(names)
        for event in self._events():
            self._replace_in(event)
        self._unname_elsewhere()
        self._clean_texts(names)
        themselves = asked_by is None or asked_by.pk == self.user.pk
        receipt = ErasureReceipt(
            asked_by=None if themselves else asked_by,
            by_themselves=themselves,
            kaltura_user_id=kaltura_user_id(self.user),
            next_try_at=timezone.now(),
        )
        self._delete_account()
        receipt.rows = dict(sorted((label, n) for label, n in self.rows.items() if n))
        receipt.save()
        return receipt

    # --- Who it is to the sources ----------------------------------------------------

    def _identities(self) -> set[str]:
        """All ids and addresses by which somebody may name the person."""
        user = self.user
        addresses = {
            user.email,
            *EmailAddress.objects.filter(user=user).values_list("email", flat=True),
        }
        found = {kaltura_user_id(user), *(f"mailto:{address}" for address in addresses)}
        reported: list[models.QuerySet[Any]] = [
            Stay.objects.filter(user=user),
            ViewerTotal.objects.filter(user=user),
            PersonLink.objects.filter(user=user),
        ]
        for rows in reported:
            for source, remote_id in rows.order_by().values_list("source", "remote_user_id"):
                found.update(identities(source, remote_id)[1:])
        return {name.casefold() for name in found}

    def _withhold(self, names: Iterable[str]) -> None:
        rows = [WithheldIdentity(digest=digest_of(n), person=self.person) for n in sorted(names)]
        WithheldIdentity.objects.bulk_create(rows, ignore_conflicts=True)

    # --- What stays as somebody's ----------------------------------------------------

    def _events(self) -> list[Event]:
        """Where the person left anything that counts."""
        user = self.user
        return list(
            Event.objects.filter(
                Q(registrations__user=user)
                | Q(sessions__bookmarks__user=user)
                | Q(sessions__feedback__user=user)
                | Q(sessions__attendance__user=user)
                | Q(sessions__room_runs__stays__user=user)
                | Q(sessions__viewer_totals__user=user)
                | Q(room_runs__stays__user=user)
                | Q(marked_testers__user=user)
                | Q(team__user=user)
                | Q(recording_consents__user=user)
                | Q(certificates__user=user)
                | Q(speakers__user=user)
                | Q(pk__in=self._events_under_token())
            ).distinct()
        )

    def _events_under_token(self) -> set[int]:
        """Where the person is reported, and their name was not kept."""
        of_token = {token_of_person(event, self.user): event.pk for event in hiding_names()}
        found: set[int] = set()
        for batch in in_batches(sorted(of_token)):
            for rows in (Stay.objects.all(), ViewerTotal.objects.all()):
                tokens = rows.filter(user=None, remote_user_id__in=batch).order_by()
                found.update(
                    of_token[token] for token in tokens.values_list("remote_user_id", flat=True)
                )
        return found

    def _replace_in(self, event: Event) -> None:
        """Let an unnamed account take the person's place in one event."""
        user, stand_in = self.user, new_account()
        self.events[event.pk] = stand_in
        for row in WithheldIdentity.objects.filter(event=None, person=self.person):
            WithheldIdentity.objects.create(
                event=event, user=stand_in, digest=row.digest, person=self.person
            )
        of_event = Q(run__session__event=event) | Q(run__session=None, run__event=event)
        stays = Stay.objects.filter(of_event, user=user).select_related("run")
        self._count(Stay, unname_stays(stays, stand_in))
        totals = ViewerTotal.objects.filter(user=user, session__event=event)
        self._count(ViewerTotal, unname_totals(totals, stand_in))
        attendance = SessionAttendance.objects.filter(user=user, session__event=event)
        key = f"user:{stand_in.pk}"
        self._count(
            SessionAttendance,
            attendance.update(user=stand_in, person_key=key, name="", email=""),
        )
        self._keep_answer(event, stand_in)
        for registration in Registration.objects.filter(user=user, event=event):
            registration.user, registration.uuid = stand_in, uuid.uuid4()
            if event.starts_on > timezone.localdate(timezone=event.zone):
                # What is still to come holds no place for nobody.
                registration.withdrawn_at = registration.withdrawn_at or timezone.now()
            registration.save(update_fields=["user", "uuid", "withdrawn_at"])
            self._count(Registration, 1)
        stars = Bookmark.objects.filter(user=user, session__event=event)
        self._count(Bookmark, stars.update(user=stand_in))
        # Stars stay in the average; a text may tell who wrote it.
        said = SessionFeedback.objects.filter(user=user, session__event=event)
        self._count(SessionFeedback, said.update(user=stand_in, text=""))
        # Whose attendance counts apart, as staff's, goes on to count apart.
        team = TeamMember.objects.filter(user=user, event=event)
        self._count(TeamMember, team.update(user=stand_in))
        tests = MarkedTester.objects.filter(user=user, event=event)
        self._count(MarkedTester, tests.update(user=stand_in))
        self._stay_on_stage(event, stand_in)
        self._withdraw_certificates(event)
        self._withdraw_files(event)

    def _keep_answer(self, event: Event, stand_in: User) -> None:
        """A no goes on to hold: what lies under the person's token lies under the stand-in's.

        Else what is reported later would count a second time, and staff as guests.
        """
        said = RecordingConsent.objects.filter(user=self.user, event=event)
        self._count(RecordingConsent, said.update(user=stand_in))
        # Under whatever else they are reported, too.
        KnownSignIn.objects.filter(user=self.user, event=event).update(user=stand_in)
        old, new = token_of_person(event, self.user), token_of_person(event, stand_in)
        of_event = Q(run__session__event=event) | Q(run__session=None, run__event=event)
        stays = Stay.objects.filter(of_event, user=None, remote_user_id=old)
        self._count(Stay, unname_stays(stays.select_related("run"), None, new))
        totals = ViewerTotal.objects.filter(
            session__event=event, user=None, remote_user_id__startswith=old
        )
        self._count(ViewerTotal, unname_totals(totals, None, new))
        rows = SessionAttendance.objects.filter(session__event=event, person_key=old)
        self._count(SessionAttendance, rows.update(person_key=new))

    def _stay_on_stage(self, event: Event, stand_in: User) -> None:
        """Who was on stage is no audience later, when attendance is computed again.

        The speaker's own page, which the event wrote, leads to no account any more.
        """
        seen = SessionSpeaker.objects.filter(session__event=event, speaker__user=self.user)
        sessions = set(seen.order_by().values_list("session", flat=True))
        StageStandIn.objects.bulk_create(
            [StageStandIn(session_id=pk, user=stand_in) for pk in sorted(sessions)]
        )

    def _withdraw_certificates(self, event: Event) -> None:
        """A certificate without a name certifies nothing: its page is not there any more."""
        mine = Certificate.objects.filter(user=self.user, event=event)
        self._count(Certificate, mine.update(name_printed="", user=None))
        mine = Certificate.objects.filter(event=event, name_printed="", revoked_at=None)
        mine.update(revoked_at=timezone.now())

    def _withdraw_files(self, event: Event) -> None:
        """Files made before name the person."""
        EventPrivacy.objects.get_or_create(event=event)
        EventPrivacy.objects.filter(event=event).update(files_valid_from=timezone.now())
        privacy_tightened.send(sender=EventPrivacy, event=event)

    def _unname_elsewhere(self) -> None:
        """Reported rows of no event."""
        stays = Stay.objects.filter(user=self.user).select_related("run")
        totals = ViewerTotal.objects.filter(user=self.user)
        if not (stays.exists() or totals.exists()):
            return
        stand_in = self.events[None] = new_account()
        self._count(Stay, unname_stays(stays, stand_in))
        self._count(ViewerTotal, unname_totals(totals, stand_in))

    # --- What names them -------------------------------------------------------------

    def _clean_texts(self, names: set[str]) -> None:
        """What was received and logged about them, without a foreign key to them."""
        known = {name.removeprefix("mailto:") for name in names if ":" not in name or "@" in name}
        called = self.user.name.casefold()
        rejected = [row.pk for row in RejectedRow.objects.all() if _names(row.raw, known, called)]
        self._count(RejectedRow, RejectedRow.objects.filter(pk__in=rejected).delete()[0])
        for run in RoomRun.objects.filter(raw__has_key="instructors").iterator():
            if _names(run.raw, known, called):
                run.raw.pop("instructors")
                run.save(update_fields=["raw"])
                self._count(RoomRun, 1)
        addresses = [name.removeprefix("mailto:") for name in names if name.startswith("mailto:")]
        for address in addresses:
            mails = OutgoingMail.objects.filter(address__iexact=address)
            self._count(OutgoingMail, mails.delete()[0])
            invited = Invitation.objects.filter(email__iexact=address)
            self._count(Invitation, invited.delete()[0])
            rest = RestingAddress.objects.filter(address__iexact=address)
            self._count(RestingAddress, rest.delete()[0])
        self._clean_admin_log()
        person_erased.send(sender=User, user=self.user, note=self._note)

    def _clean_admin_log(self) -> None:
        """The admin's history: what they did is an unnamed person's, what names them goes."""
        about = LogEntry.objects.filter(
            Q(object_repr__icontains=self.user.email)
            | Q(change_message__icontains=self.user.email)
            | Q(
                content_type__app_label="events", content_type__model="user", object_id=self.user.pk
            )
        )
        self._count(LogEntry, about.update(object_repr=NAME, change_message=""))
        done = LogEntry.objects.filter(user=self.user)
        if done.exists():
            stand_in = self.events.get(None) or new_account()
            self._count(LogEntry, done.update(user=stand_in))

    def _delete_account(self) -> None:
        """The account, with all that belongs to it alone."""
        _, deleted = self.user.delete()
        for label, number in deleted.items():
            self._note(label, number)

    def _count(self, model: type[models.Model], number: int) -> None:
        self._note(model._meta.label, number)

    def _note(self, label: str, number: int) -> None:
        self.rows[label] += number


def _names(raw: object, known: set[str], called: str) -> bool:
    """Whether what was received has one of the ids or addresses, or the name by itself."""
    for text in _texts_in(raw):
        folded = text.casefold()
        if called and (folded == called or f'"{called}"' in folded):
            return True
        if any(name in folded for name in known):
            return True
    return False


def _texts_in(raw: object) -> Iterator[str]:
    match raw:
        case str():
            yield raw
        case dict():
            for value in raw.values():
                yield from _texts_in(value)
        case list():
            for value in raw:
                yield from _texts_in(value)
