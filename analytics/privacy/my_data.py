"""Everything that the portal keeps about one person, for that person."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet

from analytics.models import Certificate, SessionAttendance, Stay, ViewerTotal
from events.models import (
    Bookmark,
    Invitation,
    OutgoingMail,
    Registration,
    SessionPlace,
    SignUpAnswer,
    Speaker,
    TeamMember,
    User,
    WaitingListEntry,
)

Rows = list[dict[str, Any]]


def my_data(user: User) -> dict[str, Any]:
    """What is kept about ``user``, table by table, in words of the tables.

    Left out are keys and digests that would let whoever finds the file in: passwords, secrets
    of second steps, session keys, links.
    """
    return {
        "account": _rows(
            User.objects.filter(pk=user.pk), "uuid", "email", "name", "date_joined", "last_login"
        ),
        "addresses": _rows(EmailAddress.objects.filter(user=user), "email", "verified", "primary"),
        "second_steps": _rows(
            Authenticator.objects.filter(user=user), "type", "created_at", "last_used_at"
        ),
        "single_sign_on": _rows(
            SocialAccount.objects.filter(user=user), "provider", "uid", "last_login", "extra_data"
        ),
        "signed_in": _rows(
            UserSession.objects.filter(user=user), "created_at", "ip", "user_agent", "last_seen_at"
        ),
        **_at_events(user),
        **_attendance(user),
    }


def _at_events(user: User) -> dict[str, Rows]:
    mine = {"user": user}
    return {
        "registrations": _rows(
            Registration.objects.filter(**mine), "event__title", "created_at", "withdrawn_at"
        ),
        "waiting_lists": _rows(
            WaitingListEntry.objects.filter(**mine), "event__title", "joined_at"
        ),
        "places_in_sessions": _rows(
            SessionPlace.objects.filter(**mine), "session__title", "asked_at", "taken_at"
        ),
        "answers": _rows(
            SignUpAnswer.objects.filter(**mine),
            *("question__event__title", "question__label", "value"),
            *("consent_text", "version", "answered_at"),
        ),
        "favourites": _rows(Bookmark.objects.filter(**mine), "session__title", "created_at"),
        "teams": _rows(TeamMember.objects.filter(**mine), "event__title", "role"),
        "on_stage": _rows(
            Speaker.objects.filter(**mine), "event__title", "name", "title", "biography"
        ),
        "invitations": _rows(
            Invitation.objects.filter(email__iexact=user.email),
            *("event__title", "email", "name", "sent_at", "expires_at", "used_at", "revoked_at"),
        ),
        "mails": _rows(
            OutgoingMail.objects.filter(user=user), "kind", "subject", "state", "created_at"
        ),
    }


def _attendance(user: User) -> dict[str, Rows]:
    return {
        "attendance": _rows(
            SessionAttendance.objects.filter(user=user),
            *("session__event__title", "session__title", "minutes_present"),
            *("first_joined_at", "last_left_at"),
        ),
        "certificates": _rows(
            Certificate.objects.filter(user=user), "event__title", "name_printed", "issued_at"
        ),
        "stays": _rows(
            Stay.objects.filter(user=user),
            *("source", "run__session__title", "joined_at", "left_at", "name", "email"),
        ),
        "viewing": _rows(
            ViewerTotal.objects.filter(user=user),
            *("source", "session__title", "live_minutes", "recording_minutes"),
        ),
    }


def _rows(rows: QuerySet[Any], *columns: str) -> Rows:
    found: Iterable[dict[str, Any]] = rows.order_by("pk").values(*columns)
    return [{name.replace("__", "_"): value for name, value in row.items()} for row in found]


def as_json(user: User) -> str:
    """The same as a file: JSON, UTF-8, times in ISO 8601."""
    return json.dumps(my_data(user), cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
