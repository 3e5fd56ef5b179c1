"""Everything that the portal keeps about one person, for that person."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Case, F, Q, QuerySet, Value, When

from analytics.models import Certificate, SessionAttendance, Stay, ViewerTotal
from events.models import (
    Bookmark,
    Invitation,
    OutgoingMail,
    ProfilePicture,
    Registration,
    SessionPlace,
    SignUpAnswer,
    Speaker,
    TeamMember,
    User,
    WaitingListEntry,
)
from events.queries import SHOWN, events_for

Rows = list[dict[str, Any]]


def my_data(user: User) -> dict[str, Any]:
    """What is kept about ``user``, table by table, in words of the tables.

    Left out are keys and digests that would let whoever finds the file in: passwords, secrets
    of second steps, session keys, links. Titles are empty where the person may not know of the
    event or session, such as one that is being planned anew.
    """
    rows_of = Titles(user).rows
    return {
        "account": rows_of(
            User.objects.filter(pk=user.pk),
            *("uuid", "email", "name", "pronouns", "language", "timezone"),
            *("date_joined", "last_login"),
        ),
        "picture": [
            {"changed_at": picture.changed_at, "jpeg_base64": b64encode(picture.jpeg).decode()}
            for picture in ProfilePicture.objects.filter(user=user)
        ],
        "addresses": rows_of(
            EmailAddress.objects.filter(user=user), "email", "verified", "primary"
        ),
        "second_steps": rows_of(
            Authenticator.objects.filter(user=user), "type", "created_at", "last_used_at"
        ),
        "single_sign_on": rows_of(
            SocialAccount.objects.filter(user=user), "provider", "uid", "last_login", "extra_data"
        ),
        "signed_in": rows_of(
            UserSession.objects.filter(user=user), "created_at", "ip", "user_agent", "last_seen_at"
        ),
        **_at_events(user, rows_of),
        **_attendance(user, rows_of),
    }


def _at_events(user: User, rows_of: Callable[..., Rows]) -> dict[str, Rows]:
    mine = {"user": user}
    return {
        "registrations": rows_of(
            Registration.objects.filter(**mine), "event__title", "created_at", "withdrawn_at"
        ),
        "waiting_lists": rows_of(
            WaitingListEntry.objects.filter(**mine), "event__title", "joined_at"
        ),
        "places_in_sessions": rows_of(
            SessionPlace.objects.filter(**mine), "session__title", "asked_at", "taken_at"
        ),
        "answers": rows_of(
            SignUpAnswer.objects.filter(**mine),
            *("question__event__title", "question__label", "value"),
            *("consent_text", "version", "answered_at"),
        ),
        "favourites": rows_of(Bookmark.objects.filter(**mine), "session__title", "created_at"),
        "teams": rows_of(TeamMember.objects.filter(**mine), "event__title", "role"),
        "on_stage": rows_of(
            Speaker.objects.filter(**mine), "event__title", "name", "title", "biography"
        ),
        "invitations": rows_of(
            Invitation.objects.filter(email__iexact=user.email),
            *("event__title", "email", "name", "sent_at", "expires_at", "used_at", "revoked_at"),
        ),
        "mails": rows_of(
            OutgoingMail.objects.filter(user=user), "kind", "subject", "state", "created_at"
        ),
    }


def _attendance(user: User, rows_of: Callable[..., Rows]) -> dict[str, Rows]:
    return {
        "attendance": rows_of(
            SessionAttendance.objects.filter(user=user),
            *("session__event__title", "session__title", "minutes_present"),
            *("first_joined_at", "last_left_at"),
        ),
        "certificates": rows_of(
            Certificate.objects.filter(user=user), "event__title", "name_printed", "issued_at"
        ),
        "stays": rows_of(
            Stay.objects.filter(user=user),
            *("source", "run__session__title", "joined_at", "left_at", "name", "email"),
        ),
        "viewing": rows_of(
            ViewerTotal.objects.filter(user=user),
            *("source", "session__title", "live_minutes", "recording_minutes"),
        ),
    }


class Titles:
    """Reads rows with the titles of what the person may know of, and of nothing else."""

    def __init__(self, user: User) -> None:
        self.events = events_for(user).values("pk")
        self.teams = TeamMember.objects.filter(user=user).values("event")

    def rows(self, rows: QuerySet[Any], *columns: str) -> Rows:
        """The rows as dictionaries; ``a__b`` of a column becomes ``a_b``."""
        # An annotation may not be named like a field, as "event_title" may be.
        titles = {f"known_{name}": self._title(name) for name in columns if _is_title(name)}
        read = [f"known_{name}" if _is_title(name) else name for name in columns]
        found: Iterable[tuple[Any, ...]] = rows.order_by("pk").annotate(**titles).values_list(*read)
        names = [name.replace("__", "_") for name in columns]
        return [dict(zip(names, row, strict=True)) for row in found]

    def _title(self, column: str) -> Case:
        path = column.removesuffix("__title")
        if path.endswith("session"):
            shown = Q((f"{path}__status__in", SHOWN)) | Q((f"{path}__event__in", self.teams))
            known = Q((f"{path}__event__in", self.events)) & shown
        else:
            known = Q((f"{path}__in", self.events))
        return Case(When(known, then=F(column)), default=Value(""))


def _is_title(column: str) -> bool:
    return column.endswith("__title")


def as_json(user: User) -> str:
    """The same as a file: JSON, UTF-8, times in ISO 8601."""
    return json.dumps(my_data(user), cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
