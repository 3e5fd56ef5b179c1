"""Ids that one source told with somebody's address: theirs as well where no address is told.

Only needed where names may be hidden; elsewhere the rows themselves say it, see
matching/people.py. What is kept of an id is a keyed digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import Q

from analytics.figures.versions import note_changed
from analytics.match import in_batches
from analytics.models import KnownSignIn, Stay, ViewerTotal
from analytics.privacy.tokens import UNNAMED, digest_of, token_of, token_of_person
from analytics.privacy.unnamed import unname_stays, unname_totals
from analytics.remote_people import KALTURA, named_by
from events.models import Event, User


def sign_in_of(source: str, remote_user_id: str) -> str:
    """The id, if it is one that several sources name people by; else nothing."""
    if remote_user_id in ("", "0") or remote_user_id.startswith(UNNAMED):
        return ""
    return remote_user_id if named_by(source, remote_user_id) == KALTURA else ""


def known_sign_ins(event: Event, ids: Iterable[str]) -> dict[str, User]:
    """Those of these ids that are somebody's."""
    digests = {text: _digest(text) for text in ids if text}
    users: dict[str, User] = {}
    for batch in in_batches(sorted(set(digests.values()))):
        rows = KnownSignIn.objects.filter(event=event, digest__in=batch).select_related("user")
        users |= {row.digest: row.user for row in rows}
    return {text: users[digest] for text, digest in digests.items() if digest in users}


@transaction.atomic
def note_sign_ins(event: Event, people: Mapping[str, User]) -> None:
    """Keep whose these ids are. What lies under the id's own token is the person's from now on."""
    new = people.keys() - known_sign_ins(event, people).keys()
    KnownSignIn.objects.bulk_create(
        [KnownSignIn(event=event, user=people[text], digest=_digest(text)) for text in sorted(new)],
        ignore_conflicts=True,
    )
    of_event = Q(run__session__event=event) | Q(run__session=None, run__event=event)
    sessions: set[int] = set()
    for text in sorted(new):
        old, token = token_of(event, text), token_of_person(event, people[text])
        stays = Stay.objects.filter(of_event, user=None, remote_user_id=old).select_related("run")
        totals = ViewerTotal.objects.filter(
            session__event=event, user=None, remote_user_id__startswith=old
        )
        seen = [*(stay.run.session_id for stay in stays), *(row.session_id for row in totals)]
        sessions |= {pk for pk in seen if pk}
        unname_stays(stays, None, token)
        unname_totals(totals, None, token)
    note_changed(sessions)


def _digest(text: str) -> str:
    return digest_of(f"{KALTURA}:{text}")
