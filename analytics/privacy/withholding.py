"""Whose name a pull does not store: who was erased, and who did not agree to be named.

It works on rows as parsed, before anything is written: what is never stored needs no
deletion. An erased person's rows come under the unnamed account of the event; those of
somebody without consent under a token, so they are counted and nothing more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q

from analytics.figures.left_out import stage_people_of, team_of
from analytics.models import (
    EventPrivacy,
    PersonLink,
    PrivacyChange,
    RecordingConsent,
    WithheldIdentity,
)
from analytics.privacy.consent import answers_at, may_name
from analytics.privacy.sign_ins import known_sign_ins, note_sign_ins, sign_in_of
from analytics.privacy.tokens import digest_of, token_of, token_of_person
from analytics.privacy.unnamed import identities, new_account, rename_stays, rename_totals
from analytics.sources.parsing import BadRow, StayRow, ViewerRow
from analytics.store import stay_keys
from events.models import Event, User
from kaltura_bridge.join.identity import kaltura_user_id, users_by_kaltura_id

StayPair = tuple[StayRow, dict[str, Any]]
ViewerPair = tuple[ViewerRow, dict[str, Any]]

_BATCH: Final = 400


@dataclass(frozen=True)
class StoredAs:
    """Under what a row is stored: ``name`` instead of the person's id, or None for as it is.

    ``token`` is what it would be stored under with a no; empty where that is not asked.
    ``earlier``: what it was stored under while nobody knew whose id it is.
    """

    name: str | None
    token: str = ""
    earlier: str = ""

    @property
    def tokens(self) -> list[str]:
        """All tokens under which it may be there already."""
        return [token for token in (self.token, self.earlier) if token]


class Withholding:
    """Whom sources may not name in one event. Asks the database once for each run of rows."""

    def __init__(self, event: Event) -> None:
        self._event = event
        of_event = {"event": OuterRef("pk")}
        # Asked anew for each run, for somebody may say no meanwhile; in one query.
        self._asks, answered, asked_once, self._erases = (
            Event.objects.filter(pk=event.pk)
            .values_list(
                Exists(EventPrivacy.objects.filter(**of_event, asks_consent=True)),
                Exists(RecordingConsent.objects.filter(**of_event)),
                # If the event asked first at some time, rows without names may be there.
                Exists(PrivacyChange.objects.filter(**of_event, field="asks_consent")),
                Exists(WithheldIdentity.objects.all()),
            )
            .get()
        )
        self._answers = answers_at(event) if answered else {}
        self._asked = self._asks or answered or asked_once
        self._known = self._known_otherwise() if self._asked else {}

    @property
    def _idle(self) -> bool:
        return not (self._asked or self._erases)

    def _known_otherwise(self) -> dict[str, User]:
        """Whoever answered, is of the team or on stage, by what else than our id they are known.

        Team and stage without an answer, too: under their own token they are no audience.
        """
        answered = RecordingConsent.objects.filter(event=self._event).values("user")
        users = User.objects.filter(
            Q(pk__in=answered)
            | Q(pk__in=team_of(self._event).values("pk"))
            | Q(pk__in=stage_people_of(self._event).values("pk"))
        ).values("pk")
        links = PersonLink.objects.filter(event=self._event, user__in=users, undone_at=None)
        addresses = EmailAddress.objects.filter(user__in=users, verified=True)
        known = {
            f"{link.source}:{link.remote_user_id}".casefold(): link.user
            for link in links.select_related("user")
        }
        return known | {
            f"mailto:{address.email}".casefold(): address.user
            for address in addresses.select_related("user")
        }

    def stays(self, source: str, rows: Sequence[StayPair], run: str) -> list[StayPair]:
        """The rows of this run as they may be stored; what was received goes with the name.

        What an earlier pull stored of them under another name gets this one, so that no stay
        is there twice.
        """
        if self._idle:
            return list(rows)
        known = [
            # A guest whom the source names by nothing but a name is told apart by it.
            identities(source, row.account_id, row.source_user_id, row.email)
            or [f"guest:{row.name}"]
            for row, _ in rows
        ]
        ids = [sign_in_of(source, row.account_id) for row, _ in rows]
        stored = self._stored_as([row.account_id for row, _ in rows], known, ids)
        rename_stays(source, _new_keys(run, [row for row, _ in rows], stored))
        return [
            pair if each.name is None else (_unnamed_stay(pair[0], each.name), {})
            for pair, each in zip(rows, stored, strict=True)
        ]

    def viewers(self, source: str, rows: Sequence[ViewerPair], entry: str) -> list[ViewerPair]:
        """The same for what people watched; the row of all anonymous viewers names nobody."""
        if self._idle:
            return list(rows)
        known = [
            []
            if row.is_anonymous
            else identities(source, row.user_id, email=str(raw.get("email") or ""))
            for row, raw in rows
        ]
        ids = [sign_in_of(source, "" if row.is_anonymous else row.user_id) for row, _ in rows]
        stored = self._stored_as([row.user_id for row, _ in rows], known, ids)
        keys = _keys_of([row.user_id for row, _ in rows], stored)
        new_ids: dict[str, str] = {}
        for (row, _), each, key in zip(rows, stored, keys, strict=True):
            stored_as = row.user_id if each.name is None else key.token
            new_ids |= {
                old: stored_as
                for old in (row.user_id, *key.tokens)
                if each.token and old != stored_as
            }
        rename_totals(source, entry, new_ids)
        return [
            pair
            if each.name is None
            else (pair[0].model_copy(update={"user_id": key.name or each.name, "name": ""}), {})
            for pair, each, key in zip(rows, stored, keys, strict=True)
        ]

    def run(self, raw: Any) -> Any:
        """A run as received, without the names of those who led it."""
        if self._idle or not isinstance(raw, dict):
            return raw
        return {key: value for key, value in raw.items() if key != "instructors"}

    def rejected(self, rows: Sequence[BadRow]) -> Sequence[BadRow]:
        """What could not be read: without what was received, where that might name somebody."""
        if self._idle:
            return rows
        return [BadRow(row.field, row.reason, {}) for row in rows]

    # --- Who it is ---------------------------------------------------------------------

    def _stored_as(
        self, ids: Sequence[str], known: Sequence[list[str]], sign_ins: Sequence[str]
    ) -> list[StoredAs]:
        """``sign_ins``: of each row the id that other sources, too, name the person by."""
        erased = self._erased({text for texts in known for text in texts})
        users = users_by_kaltura_id(text for text in ids if text)
        others = self._of_sign_ins(
            {
                sign_in: texts
                for text, texts, sign_in in zip(ids, known, sign_ins, strict=True)
                if sign_in and text not in users
            }
        )
        return [
            self._decided(users.get(text), texts, erased, others.get(sign_in))
            for text, texts, sign_in in zip(ids, known, sign_ins, strict=True)
        ]

    def _of_sign_ins(self, sign_ins: dict[str, list[str]]) -> dict[str, User]:
        """Whose these ids are, by what this source or another told with them."""
        told = {each: user for each, texts in sign_ins.items() if (user := self._named_in(texts))}
        if told:
            note_sign_ins(self._event, told)
        return known_sign_ins(self._event, sign_ins)

    def _named_in(self, texts: Iterable[str]) -> User | None:
        found = (self._known.get(text.casefold()) for text in texts)
        return next((user for user in found if user), None)

    def _decided(
        self,
        user: User | None,
        texts: list[str],
        erased: dict[str, User],
        other: User | None = None,
    ) -> StoredAs:
        """``other``: whose the id is as another source told it."""
        if not texts:
            return StoredAs(None)
        # Whoever came back with a new account is that account, also under their old address.
        digests = [] if user else map(digest_of, texts)
        stand_in = next((erased[digest] for digest in digests if digest in erased), None)
        if stand_in is not None:
            # What the person answered goes on to hold for whoever stands in for them.
            is_named = may_name(self._answers.get(stand_in.pk), self._asks)
            return StoredAs(
                kaltura_user_id(stand_in) if is_named else token_of_person(self._event, stand_in)
            )
        user = user or self._named_in(texts) or other
        by_id = token_of(self._event, texts[0])
        token = token_of_person(self._event, user) if user else by_id
        answer = self._answers.get(user.pk) if user else None
        earlier = by_id if by_id != token else ""
        return StoredAs(None if may_name(answer, self._asks) else token, token, earlier)

    def _erased(self, texts: Iterable[str]) -> dict[str, User]:
        """Digest -> the unnamed account in this event, of those who were erased."""
        if not self._erases:
            return {}
        digests = sorted({digest_of(text) for text in texts})
        found: dict[str, User] = {}
        everywhere: dict[str, UUID] = {}
        for start in range(0, len(digests), _BATCH):
            rows = WithheldIdentity.objects.filter(digest__in=digests[start : start + _BATCH])
            for row in rows.filter(event=self._event).select_related("user"):
                if row.user is not None:
                    found[row.digest] = row.user
            for row in rows.filter(event=None):
                everywhere[row.digest] = row.person
        for digest, person in everywhere.items():
            if digest not in found:
                found[digest] = self._stand_in(digest, person)
        return found

    def _stand_in(self, digest: str, person: UUID) -> User:
        """The unnamed account of somebody who is reported in this event for the first time."""
        mine = WithheldIdentity.objects.filter(event=self._event, person=person)
        known = mine.select_related("user").first()
        user = known.user if known and known.user else None
        try:
            with transaction.atomic():
                user = user or new_account()
                WithheldIdentity.objects.create(
                    event=self._event, user=user, digest=digest, person=person
                )
        except IntegrityError:  # Another pull was faster; its account counts.
            made = mine.select_related("user").get(digest=digest).user
            return made or new_account()
        return user


def _keys_of(ids: Sequence[str], stored: Sequence[StoredAs]) -> list[StoredAs]:
    """Under what each viewer's row is kept: a report has several of who signed in several ways.

    Of these all are kept, each under the person's token with its number behind it.
    """
    sign_ins: dict[str, set[str]] = defaultdict(set)
    for text, each in zip(ids, stored, strict=True):
        sign_ins[each.token].add(text)
    numbers = {
        (token, text): number
        for token, texts in sign_ins.items()
        for number, text in enumerate(sorted(texts), start=1)
    }
    pairs = zip(ids, stored, strict=True)
    return [_numbered(each, numbers[each.token, text]) for text, each in pairs]


def _numbered(each: StoredAs, number: int) -> StoredAs:
    if not each.token or number == 1:
        return each
    name = each.name and f"{each.name}/{number}"
    return replace(each, name=name, token=f"{each.token}/{number}")


def _new_keys(
    run: str, rows: Sequence[StayRow], stored: Sequence[StoredAs]
) -> dict[str, tuple[str, str]]:
    """The keys that stays may have from before an answer, each with its new key and person."""
    own: dict[StoredAs, list[StayRow]] = {}
    for row, each in zip(rows, stored, strict=True):
        if each.token:
            own.setdefault(each, []).append(row)
    found: dict[str, tuple[str, str]] = {}
    for each, same in own.items():
        by_name = stay_keys(run, same)
        hidden = _keys_under(run, by_name, each.token)
        for token in each.tokens:
            for (plain, row), new, old in zip(
                by_name, hidden, _keys_under(run, by_name, token), strict=True
            ):
                if each.name is None:
                    found[old] = plain, row.account_id or row.source_user_id
                else:
                    found[plain] = new, each.token
                    if old != new:
                        found[old] = new, each.token
    return found


def _keys_under(run: str, rows: Sequence[tuple[str, StayRow]], token: str) -> list[str]:
    return [key for key, _ in stay_keys(run, [_unnamed_stay(row, token) for _, row in rows])]


def _unnamed_stay(row: StayRow, name: str) -> StayRow:
    return row.model_copy(
        update={
            "account_id": name,
            "source_user_id": name,
            "name": "",
            "internal_email": "",
            "account_email": "",
        }
    )
