"""Keeping an answer about one's name, and what follows from a no at once."""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from analytics.models import CountedAs, MatchedBy, SessionAttendance, Stay, ViewerTotal
from analytics.presence.stays import end_all
from analytics.privacy.consent import keep_answer
from analytics.privacy.sign_ins import note_sign_ins, sign_in_of
from analytics.privacy.tokens import token_of_person
from analytics.privacy.unnamed import unname_stays, unname_totals
from analytics.receivers import notify_worker
from events.models import Event, User


@transaction.atomic
def answer(event: Event, user: User, *, is_given: bool) -> None:
    """Keep the answer. A no takes the name off what is there, too; the figures stay.

    A yes brings back nothing by itself: it counts for what sources report from then on.
    """
    keep_answer(event, user, is_given=is_given)
    if not is_given:
        end_all(event, user, timezone.now())
        _take_name_off(event, user)


def _take_name_off(event: Event, user: User) -> None:
    """Let the token stand for the person that a pull stores instead of them."""
    token = token_of_person(event, user)
    of_event = Q(run__session__event=event) | Q(run__session=None, run__event=event)
    # What an address told is forgotten with what was received; the ids go on to be theirs.
    told = {"user": user, "matched_by": MatchedBy.ADDRESS}
    who = "source", "remote_user_id"
    stays = Stay.objects.filter(of_event, **told).order_by().values_list(*who)
    totals = ViewerTotal.objects.filter(session__event=event, **told).order_by().values_list(*who)
    sign_ins = {sign_in_of(source, text) for source, text in {*stays, *totals}} - {""}
    note_sign_ins(event, dict.fromkeys(sign_ins, user))
    unname_stays(Stay.objects.filter(of_event, user=user).select_related("run"), None, token)
    unname_totals(ViewerTotal.objects.filter(session__event=event, user=user), None, token)
    rows = SessionAttendance.objects.filter(session__event=event)
    mine = rows.filter(user=user)
    sessions = sorted(set(mine.order_by().values_list("session_id", flat=True)))
    # They may stand there under the token already, from before a yes: one row is one person.
    mine.filter(session__in=rows.filter(person_key=token).values("session")).delete()
    # A row that says "on stage" beside a token would tell whose it is: see figures/left_out.py.
    mine.exclude(counted_as=CountedAs.AUDIENCE).delete()
    mine.update(user=None, person_key=token, name="", email="", matched_by="")
    if sessions:
        transaction.on_commit(partial(notify_worker, sessions))
