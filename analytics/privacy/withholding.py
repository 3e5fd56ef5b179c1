"""Whose name a pull does not store: who was erased, and who did not agree to be named.

It works on rows as parsed, before anything is written: what is never stored needs no
deletion. An erased person's rows come under the unnamed account of the event; those of
somebody without consent under a token, so they are counted and nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction

from analytics.models import WithheldIdentity
from analytics.privacy.consent import answers_at, asks_first, may_name
from analytics.privacy.unnamed import digest_of, identities, new_account, token_of
from analytics.sources.parsing import BadRow, StayRow, ViewerRow
from events.models import Event, User
from kaltura_bridge.join.identity import kaltura_user_id, users_by_kaltura_id

StayPair = tuple[StayRow, dict[str, Any]]
ViewerPair = tuple[ViewerRow, dict[str, Any]]

_BATCH: Final = 400


class Withholding:
    """Whom sources may not name in one event. Asks the database once for each run of rows."""

    def __init__(self, event: Event) -> None:
        self._event = event
        self._asks = asks_first(event)
        self._answers = answers_at(event)
        self._erases = WithheldIdentity.objects.exists()

    @property
    def _idle(self) -> bool:
        return not (self._asks or self._erases or False in self._answers.values())

    def stays(self, source: str, rows: Sequence[StayPair]) -> list[StayPair]:
        """The rows as they may be stored; what was received goes with the name."""
        if self._idle:
            return list(rows)
        known = [
            # A guest whom the source names by nothing but a name is told apart by it.
            identities(source, row.account_id, row.source_user_id, row.email)
            or [f"guest:{row.name}"]
            for row, _ in rows
        ]
        names = self._names([row.account_id for row, _ in rows], known)
        return [
            pair if name is None else (_unnamed_stay(pair[0], name), {})
            for pair, name in zip(rows, names, strict=True)
        ]

    def viewers(self, source: str, rows: Sequence[ViewerPair]) -> list[ViewerPair]:
        """The same for what people watched; the row of all anonymous viewers names nobody."""
        if self._idle:
            return list(rows)
        known = [[] if row.is_anonymous else identities(source, row.user_id) for row, _ in rows]
        names = self._names([row.user_id for row, _ in rows], known)
        return [
            pair if name is None else (pair[0].model_copy(update={"user_id": name, "name": ""}), {})
            for pair, name in zip(rows, names, strict=True)
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

    def _names(self, ids: Sequence[str], known: Sequence[list[str]]) -> list[str | None]:
        """For each row the id to store instead of the person's; None to store it as it is."""
        erased = self._erased({text for texts in known for text in texts})
        users = users_by_kaltura_id(text for text in ids if text)
        return [
            self._name(users.get(text), texts, erased)
            for text, texts in zip(ids, known, strict=True)
        ]

    def _name(self, user: User | None, texts: list[str], erased: dict[str, str]) -> str | None:
        if not texts:
            return None
        # Whoever came back with a new account is that account, also under their old address.
        digests = [] if user else map(digest_of, texts)
        stand_in = next((erased[digest] for digest in digests if digest in erased), None)
        if stand_in is not None:
            return stand_in
        answer = self._answers.get(user.pk) if user else None
        return None if may_name(answer, self._asks) else token_of(self._event, texts[0])

    def _erased(self, texts: Iterable[str]) -> dict[str, str]:
        """Digest -> the id of the unnamed account in this event, of those who were erased."""
        if not self._erases:
            return {}
        digests = sorted({digest_of(text) for text in texts})
        found: dict[str, str] = {}
        everywhere: dict[str, UUID] = {}
        for start in range(0, len(digests), _BATCH):
            rows = WithheldIdentity.objects.filter(digest__in=digests[start : start + _BATCH])
            for row in rows.filter(event=self._event).select_related("user"):
                if row.user is not None:
                    found[row.digest] = kaltura_user_id(row.user)
            for row in rows.filter(event=None):
                everywhere[row.digest] = row.person
        for digest, person in everywhere.items():
            if digest not in found:
                found[digest] = kaltura_user_id(self._stand_in(digest, person))
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
