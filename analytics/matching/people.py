"""Whom a remote person is, beyond the opaque user id: by an analyst's link, by a verified address.

In this order: the user id in our own KS; what an analyst found out; an address that the
source knows from its own sign-in and that an account of the event has verified here. What
guests type is no address in this sense, and a name never decides anything. What decides about
a person of one source decides about all who name them by the same id (analytics.remote_people).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from analytics.match import in_batches
from analytics.models import MatchedBy, PersonLink, Source, Stay, ViewerTotal
from analytics.privacy.tokens import UNNAMED
from analytics.remote_people import sources_naming
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
    return apply_links(event, rows) | match_addresses(event, rows) | match_same_ids(event, rows)


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
    """The person's rows of either sort, of all sources that name them by this id."""
    same_id = PersonLink.objects.filter(event=link.event_id, remote_user_id=link.remote_user_id)
    # What somebody decided of another source in particular goes before.
    others = set(same_id.filter(undone_at=None).values_list("source", flat=True)) - {link.source}
    sources = set(sources_naming(link.source, link.remote_user_id)) - others
    found = rows_at(link.event_id) if among is None else among
    who = {"source__in": sources, "remote_user_id": link.remote_user_id}
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


def match_same_ids(event: int, among: Sequence[Rows]) -> set[int]:
    """Match rows without an address whose id another source tells with one that is verified here.

    ``among``: where somebody has just been matched, or not. Of an id whose rows have the
    addresses of two accounts nothing is told, whichever was heard of first.
    """
    touched: set[int] = set()
    for ids in in_batches(sorted(_ids_in(among))):
        theirs = [
            (rows.filter(remote_user_id__in=ids), owner)
            for rows, owner in _shared_ids(rows_at(event))
        ]
        people: dict[str, set[int]] = defaultdict(set)
        for rows, _owner in theirs:
            known = _vouched_for(rows).filter(matched_by=MatchedBy.ADDRESS, user__isnull=False)
            for text, user in known.order_by().values_list("remote_user_id", "user").distinct():
                people[text].add(user)
        for rows, owner in theirs:
            touched |= _give(rows, people, owner)
    return touched


def _give(rows: QuerySet[Any], people: Mapping[str, set[int]], owner: str) -> set[int]:
    """Give the rows of each id the only one of its ``people``, or nobody; what else decided stays.

    Only rows with another person are looked at one by one: mostly there are none.
    """
    is_open = Q(user=None) | Q(matched_by=MatchedBy.ADDRESS)
    told_nothing = rows.filter(is_open).exclude(pk__in=_vouched_for(rows).values("pk"))
    found = told_nothing.filter(remote_user_id__in=list(people)).order_by()
    wrong: dict[int | None, list[int]] = defaultdict(list)
    touched: set[int] = set()
    for pk, session, text, user in found.values_list("pk", owner, "remote_user_id", "user"):
        users = people[text]
        if user != (only := min(users) if len(users) == 1 else None):
            wrong[only].append(pk)
            touched.add(session)
    for only, pks in wrong.items():
        known = MatchedBy.NOBODY if only is None else MatchedBy.ADDRESS
        for some in in_batches(pks):
            rows.model._default_manager.filter(is_open, pk__in=some).update(
                user=only, matched_by=known
            )
    return touched - {None}


def _ids_in(among: Sequence[Rows]) -> set[str]:
    """The ids among these rows of people who are matched by an address, or by nothing."""
    found: set[str] = set()
    for rows, _owner in _shared_ids(among):
        undecided = Q(user=None) | Q(matched_by=MatchedBy.ADDRESS)
        texts = rows.filter(undecided).order_by().values_list("remote_user_id", flat=True)
        found |= set(texts.distinct())
    return found - {"", "0"}


def _shared_ids(among: Sequence[Rows]) -> list[Rows]:
    """Those of the rows whose id may be that of another source, too."""
    found = []
    for rows, owner in among:
        own = rows.exclude(remote_user_id__startswith=UNNAMED)
        if rows.model is Stay:
            # A number may be the room's own, and a page's people all have accounts.
            own = own.filter(source=Source.NEWROW, remote_user_id__regex="[^0-9]")
        found.append((own, owner))
    return found


def _addressed(every: Rows) -> tuple[QuerySet[Any], str, str]:
    """Unmatched rows with an address that the source vouches for: rows, session, address."""
    rows, owner = every
    address = "email" if rows.model is Stay else "raw__email"
    return _vouched_for(rows.filter(user=None)), owner, address


def _vouched_for(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those of the rows that have an address which the source vouches for."""
    if rows.model is Stay:
        return rows.filter(raw__user_type=KNOWN_THERE).exclude(email="")
    said = rows.filter(source=Source.ENGAGEMENT, raw__has_key="email")
    return said.exclude(raw__email="")


def accounts_with(addresses: Iterable[str], event: int) -> dict[str, int]:
    """Address in lower case -> pk of the account of the event that has verified it."""
    found: dict[str, int] = {}
    for batch in in_batches(sorted(set(addresses))):
        rows = EmailAddress.objects.filter(verified=True, user__in=belonging_to(event))
        known = rows.annotate(lowered=Lower("email")).filter(lowered__in=batch)
        # Ordered, so that should two accounts ever share one, it is always the same.
        found.update(known.order_by("-pk").values_list("lowered", "user_id"))
    return found
