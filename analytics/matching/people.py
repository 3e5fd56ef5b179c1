"""Whom a remote person is, beyond the opaque user id: by an analyst's link, by a verified address.

In this order: the user id in our own KS; what an analyst found out; an address that the
source knows from its own sign-in and that an account of the event has verified here. What
guests type is no address in this sense, and a name never decides anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from analytics.match import in_batches
from analytics.models import MatchedBy, PersonLink, Source, Stay, ViewerTotal
from events.models import Event, Registration, Speaker, TeamMember, User

# What a source says of people whom it knows by a sign-in of its own.
KNOWN_THERE: Final = "user"


def stays_at(event: Event | int) -> QuerySet[Stay]:
    """The stays in an event's sessions, and in its rooms' runs that belong to no session."""
    owned = Q(run__session__event=event) | Q(run__session=None, run__event=event)
    return Stay.objects.filter(owned)


def totals_at(event: Event | int) -> QuerySet[ViewerTotal]:
    """What was watched of an event's sessions."""
    return ViewerTotal.objects.filter(session__event=event, is_anonymous=False)


def belonging_to(event: Event | int) -> QuerySet[User]:
    """Who is or was registered for the event, is in its team, or speaks there."""
    mine = {"event": event, "user": OuterRef("pk")}
    return User.objects.filter(
        Exists(Registration.objects.filter(**mine))
        | Exists(TeamMember.objects.filter(**mine))
        | Exists(Speaker.objects.filter(**mine))
    )


# Rows of either sort, with the way to their session.
Rows = tuple[QuerySet[Any], str]


def rows_at(event: Event | int) -> list[Rows]:
    """All rows that stand in an event's reports."""
    return [(stays_at(event), "run__session"), (totals_at(event), "session")]


def match_further(event: int, among: Sequence[Rows] | None = None) -> set[int]:
    """Match what the user id has left over: of an event, or only ``among`` some rows of it.

    Returns the pks of the sessions whose rows got a person by it.
    """
    rows = rows_at(event) if among is None else among
    return apply_links(event, rows) | match_addresses(event, rows)


# --- Links -------------------------------------------------------------------------------


def apply_links(event: int, among: Sequence[Rows]) -> set[int]:
    """Give every linked person's rows their account. Returns the pks of touched sessions."""
    touched: set[int] = set()
    for link in PersonLink.objects.filter(event=event, undone_at=None).order_by("pk"):
        touched |= apply_link(link, among)
    return touched


def apply_link(link: PersonLink, among: Sequence[Rows] | None = None) -> set[int]:
    """Give one linked person's rows their account, where the user id says nothing."""
    touched: set[int] = set()
    for rows, owner in _rows_of(link, among):
        open_still = rows.exclude(matched_by=MatchedBy.USER_ID).exclude(
            user=link.user_id, matched_by=MatchedBy.LINK
        )
        touched |= _sessions_of(open_still, owner)
        open_still.update(user=link.user_id, matched_by=MatchedBy.LINK)
    return touched


def forget_link(link: PersonLink) -> set[int]:
    """Take a person's rows from the account that a link gave them."""
    touched: set[int] = set()
    for rows, owner in _rows_of(link):
        linked = rows.filter(matched_by=MatchedBy.LINK)
        touched |= _sessions_of(linked, owner)
        linked.update(user=None, matched_by=MatchedBy.NOBODY)
    return touched


def _rows_of(link: PersonLink, among: Sequence[Rows] | None = None) -> list[Rows]:
    """The person's rows of either sort."""
    who = {"source": link.source, "remote_user_id": link.remote_user_id}
    found = rows_at(link.event_id) if among is None else among
    return [(rows.filter(**who), owner) for rows, owner in found]


def _sessions_of(rows: QuerySet[Any], owner: str) -> set[int]:
    return set(rows.order_by().values_list(owner, flat=True).distinct()) - {None}


# --- Addresses ---------------------------------------------------------------------------


def match_addresses(event: int, among: Sequence[Rows] | None = None) -> set[int]:
    """Match people whom a source knows under an address that is verified here, too."""
    touched: set[int] = set()
    for rows, owner, address in map(_addressed, rows_at(event) if among is None else among):
        texts = set(rows.order_by().values_list(address, flat=True).distinct())
        by_address: dict[str, list[str]] = defaultdict(list)
        for text in texts:
            by_address[str(text).strip().lower()].append(str(text))
        for found, user in accounts_with(by_address, event).items():
            theirs = rows.filter(**{f"{address}__in": by_address[found]})
            touched |= _sessions_of(theirs, owner)
            theirs.update(user=user, matched_by=MatchedBy.ADDRESS)
    return touched


def _addressed(every: Rows) -> tuple[QuerySet[Any], str, str]:
    """Unmatched rows with an address that the source vouches for: rows, session, address."""
    rows, owner = every
    unmatched = rows.filter(user=None)
    if rows.model is Stay:
        known_there = unmatched.filter(raw__user_type=KNOWN_THERE)
        return known_there.exclude(email=""), owner, "email"
    said = unmatched.filter(source=Source.ENGAGEMENT, raw__has_key="email")
    return said.exclude(raw__email=""), owner, "raw__email"


def accounts_with(addresses: Iterable[str], event: int) -> dict[str, int]:
    """Address in lower case -> pk of the account of the event that has verified it."""
    found: dict[str, int] = {}
    for batch in in_batches(sorted(set(addresses))):
        rows = EmailAddress.objects.filter(verified=True, user__in=belonging_to(event))
        known = rows.annotate(lowered=Lower("email")).filter(lowered__in=batch)
        # Ordered, so that should two accounts ever share one, it is always the same.
        found.update(known.order_by("-pk").values_list("lowered", "user_id"))
    return found
