"""A list of people to invite -> invitations, or what is wrong in which row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from events.characters import clean_line
from events.models import Event, Invitation, InvitationState, Registration, User
from events.models.people import validate_address

MOST_ROWS: Final = 5_000
MOST_CHARS: Final = 1_000_000
_LONGEST_ADDRESS: Final = 254
_LONGEST_NAME: Final = 150
_LONGEST_CELL: Final = 1_000
# SQLite takes some thousand values in a statement: https://www.sqlite.org/limits.html
_BATCH: Final = 500


@dataclass(frozen=True)
class RejectedInvitee:
    """What is wrong in one row of the list; rows count from 1, the heading included."""

    number: int
    text: str
    reason: str


@dataclass
class InvitationPlan:
    """What a list would do: new links, renewed ones, who is left out and why, and bad rows."""

    new: list[Invitation] = field(default_factory=list)
    renewed: list[Invitation] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    bad: list[RejectedInvitee] = field(default_factory=list)

    @property
    def is_applicable(self) -> bool:
        """Only a list without any bad row is acted on."""
        return not self.bad and bool(self.new or self.renewed)

    @property
    def addresses(self) -> list[str]:
        """Who would get a mail."""
        return [invitation.email for invitation in (*self.new, *self.renewed)]


def plan_invitations(
    event: Event, text: str, expires_at: datetime, invited_by: User
) -> InvitationPlan:
    """Read the list, and compare it with who is registered or invited already. Writes nothing.

    A row is an address and perhaps a name, by comma, semicolon or tab; a first row that says
    "email" names the columns, in any order.
    """
    plan = InvitationPlan()
    people = list(_people(text, plan))
    if len(people) + len(plan.bad) > MOST_ROWS:
        reason = _("A list has at most {most} rows. Split it.").format(most=MOST_ROWS)
        return InvitationPlan(bad=[RejectedInvitee(MOST_ROWS + 1, "", reason)])
    addresses = [email for email, _name in people]
    here, invited = _registered(event, addresses), _invited(event, addresses)
    for email, name in people:
        known = invited.get(email)
        if email in here:
            plan.skipped.append((email, _("registered already")))
        elif known is None:
            plan.new.append(
                Invitation(
                    event=event,
                    email=email,
                    name=name,
                    expires_at=expires_at,
                    invited_by=invited_by,
                )
            )
        elif known.state == InvitationState.OPEN:
            plan.skipped.append((email, _("invited already; send it again from the list")))
        elif known.state == InvitationState.USED:
            plan.skipped.append((email, _("accepted an invitation already")))
        else:
            plan.renewed.append(known)
    return plan


def _people(text: str, plan: InvitationPlan) -> Iterator[tuple[str, str]]:
    """Address in lower case and name of each good row; the others go to ``plan.bad``."""
    seen: dict[str, int] = {}
    email_at, name_at = 0, 1
    for number, cells in enumerate(_rows(text), start=1):
        words = [clean_line(cell) for cell in cells]
        if not any(words):
            continue
        headings = [word.lower() for word in words]
        if number == 1 and "email" in headings:
            email_at = headings.index("email")
            name_at = headings.index("name") if "name" in headings else len(headings)
            continue
        email = words[email_at].lower() if email_at < len(words) else ""
        name = words[name_at] if name_at < len(words) else ""
        if reason := _reason_against(email, name, seen.get(email)):
            plan.bad.append(RejectedInvitee(number, ", ".join(words)[:100], reason))
            continue
        seen[email] = number
        yield email, name


def _rows(text: str) -> Iterator[list[str]]:
    lines = text.lstrip("\ufeff").splitlines()
    first = lines[0] if lines else ""
    separator = max(",;\t", key=first.count)
    # A row is a line: a quotation mark without its end spoils no other row.
    for line in lines:
        try:
            yield next(csv.reader(io.StringIO(line), delimiter=separator), [])
        except csv.Error:  # Such as a cell of more than 131,072 characters.
            yield [line[:_LONGEST_CELL]]


def _reason_against(email: str, name: str, seen_in: int | None) -> str:
    if seen_in:
        return _("The same address stands in row {row}.").format(row=seen_in)
    if len(name) > _LONGEST_NAME:
        return _("A name has at most {most} characters.").format(most=_LONGEST_NAME)
    try:
        validate_email(email)
        validate_address(email)
    except ValidationError:
        return _("This is no e-mail address.")
    return _("The address is too long.") if len(email) > _LONGEST_ADDRESS else ""


def _batches(addresses: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(addresses), _BATCH):
        yield addresses[start : start + _BATCH]


def _registered(event: Event, addresses: list[str]) -> set[str]:
    here = Registration.objects.filter(event=event, withdrawn_at=None)
    return {
        email.lower()
        for batch in _batches(addresses)
        for email in here.filter(user__email__in=batch).values_list("user__email", flat=True)
    }


def _invited(event: Event, addresses: list[str]) -> dict[str, Invitation]:
    return {
        invitation.email: invitation
        for batch in _batches(addresses)
        for invitation in event.invitations.filter(email__in=batch)
    }
