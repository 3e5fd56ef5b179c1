"""Whom a remote person is, beyond the opaque user id: by an analyst's link, by a verified address.

In this order: the user id in our own KS; what an analyst found out; an address that the
source knows from its own sign-in and that an account of the event has verified here. What
guests type is no address in this sense, and a name never decides anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
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


def match_further(events: Iterable[int]) -> set[int]:
    """Match what the user id has left over, in these events.

    Returns the pks of the sessions whose rows got a person by it.
    """
    touched: set[int] = set()
    for event in sorted(set(events)):
        touched |= apply_links(event)
        touched |= match_addresses(event)
    return touched


# --- Links -------------------------------------------------------------------------------


def apply_links(event: int) -> set[int]:
    """Give every linked person's rows their account. Returns the pks of touched sessions."""
    touched: set[int] = set()
    for link in PersonLink.objects.filter(event=event, undone_at=None).order_by("pk"):
        touched |= apply_link(link)
    return touched


def apply_link(link: PersonLink) -> set[int]:
    """Give one linked person's rows their account, where the user id says nothing."""
    touched: set[int] = set()
    for rows, owner in _rows_of(link):
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


def _rows_of(link: PersonLink) -> list[tuple[QuerySet[Any], str]]:
    """The person's rows of either sort, each with the way to the session."""
    who = {"source": link.source, "remote_user_id": link.remote_user_id}
    return [
        (stays_at(link.event_id).filter(**who), "run__session"),
        (totals_at(link.event_id).filter(**who), "session"),
    ]


def _sessions_of(rows: QuerySet[Any], owner: str) -> set[int]:
    return set(rows.order_by().values_list(owner, flat=True).distinct()) - {None}


# --- Addresses ---------------------------------------------------------------------------


def match_addresses(event: int) -> set[int]:
    """Match people whom a source knows under an address that is verified here, too."""
    touched: set[int] = set()
    for rows, owner, address in _addressed(event):
        texts = set(rows.order_by().values_list(address, flat=True).distinct())
        by_address: dict[str, list[str]] = defaultdict(list)
        for text in texts:
            by_address[str(text).strip().lower()].append(str(text))
        for found, user in accounts_with(by_address, event).items():
            theirs = rows.filter(**{f"{address}__in": by_address[found]})
            touched |= _sessions_of(theirs, owner)
            theirs.update(user=user, matched_by=MatchedBy.ADDRESS)
    return touched


def _addressed(event: int) -> list[tuple[QuerySet[Any], str, str]]:
    """Unmatched rows with an address that the source vouches for: rows, session, address."""
    stays = stays_at(event).filter(user=None, raw__user_type=KNOWN_THERE).exclude(email="")
    totals = totals_at(event).filter(user=None, source=Source.ENGAGEMENT)
    return [
        (stays, "run__session", "email"),
        (totals.exclude(raw__email="").filter(raw__has_key="email"), "session", "raw__email"),
    ]


def accounts_with(addresses: Iterable[str], event: int) -> dict[str, int]:
    """Address in lower case -> pk of the account of the event that has verified it."""
    found: dict[str, int] = {}
    for batch in in_batches(sorted(set(addresses))):
        rows = EmailAddress.objects.filter(verified=True, user__in=belonging_to(event))
        known = rows.annotate(lowered=Lower("email")).filter(lowered__in=batch)
        # Ordered, so that should two accounts ever share one, it is always the same.
        found.update(known.order_by("-pk").values_list("lowered", "user_id"))
    return found
