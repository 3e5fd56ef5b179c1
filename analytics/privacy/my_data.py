"""Everything that the portal keeps about one person, for that person."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Case, F, Model, Q, QuerySet, Value, When

from analytics.models import (
    AttendanceFile,
    Certificate,
    ColumnPreset,
    CreditAppeal,
    CreditOverride,
    FileDownload,
    FileSchedule,
    MarkedTester,
    PersonLink,
    RecordingConsent,
    SessionAttendance,
    Stay,
    ViewerTotal,
)
from events.models import (
    Bookmark,
    CountedStars,
    Invitation,
    NewsPreferences,
    OutgoingMail,
    PersonalFeed,
    ProfilePicture,
    PushSubscription,
    Registration,
    SessionFeedback,
    SessionPlace,
    SharedAgenda,
    SignUpAnswer,
    Speaker,
    TeamMember,
    User,
    WaitingListEntry,
)
from events.queries import SHOWN, events_for
from kaltura_bridge.models import LaunchTicket

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class OwnTable:
    """One part of the file: the rows whose ``owner`` is the person, and what is told of them.

    ``owner`` is a lookup that the account answers, or for ``__iexact`` its address.
    """

    name: str
    model: type[Model]
    owner: str
    columns: tuple[str, ...]

    def rows(self, user: User) -> QuerySet[Any]:
        """The person's own rows."""
        whose = {"pk": user.pk, "email__iexact": user.email}.get(self.owner, user)
        return self.model._default_manager.filter(**{self.owner: whose})


def _table(name: str, model: type[Model], columns: str, owner: str = "user") -> OwnTable:
    return OwnTable(name, model, owner, tuple(columns.split()))


TABLES: Final = (
    _table(
        "account",
        User,
        "uuid email name pronouns language timezone date_joined last_login",
        "pk",
    ),
    _table("picture", ProfilePicture, "changed_at jpeg"),
    _table("addresses", EmailAddress, "email verified primary"),
    _table("second_steps", Authenticator, "type created_at last_used_at"),
    _table("single_sign_on", SocialAccount, "provider uid last_login extra_data"),
    _table("signed_in", UserSession, "created_at ip user_agent last_seen_at"),
    _table("registrations", Registration, "event__title created_at withdrawn_at"),
    _table("waiting_lists", WaitingListEntry, "event__title joined_at"),
    _table("places_in_sessions", SessionPlace, "session__title asked_at taken_at"),
    _table(
        "answers",
        SignUpAnswer,
        "question__event__title question__label value consent_text version answered_at",
    ),
    _table("entrances_of_a_day", LaunchTicket, "session__title redeemed_at role page"),
    _table("favourites", Bookmark, "session__title created_at"),
    _table("feedback", SessionFeedback, "session__title stars text given_at changed_at"),
    _table("counted_stars", CountedStars, "agreed_at"),
    _table("calendar_feeds", PersonalFeed, "event__title created_at"),
    _table("shared_agendas", SharedAgenda, "event__title created_at"),
    _table("teams", TeamMember, "event__title role"),
    _table("on_stage", Speaker, "event__title name title biography"),
    _table(
        "invitations",
        Invitation,
        "event__title email name sent_at expires_at used_at revoked_at",
        "email__iexact",
    ),
    _table("mails", OutgoingMail, "kind subject state created_at"),
    _table("notifications", PushSubscription, "browser created_at"),
    _table("news", NewsPreferences, "day_ahead soon changed recorded afterwards"),
    _table("attendance_by_name", RecordingConsent, "event__title is_given answered_at"),
    _table(
        "attendance",
        SessionAttendance,
        "session__event__title session__title minutes_present first_joined_at last_left_at",
    ),
    _table("stays", Stay, "source run__session__title joined_at left_at name email"),
    _table("viewing", ViewerTotal, "source session__title live_minutes recording_minutes"),
    _table("certificates", Certificate, "event__title name_printed issued_at"),
    _table("appeals", CreditAppeal, "rule__event__title text made_at state answer"),
    _table("credits_decided", CreditOverride, "rule__event__title credits reason decided_at"),
    _table("linked_by_analysts", PersonLink, "event__title source remote_user_id decided_at"),
    _table("counted_as_test", MarkedTester, "event__title decided_at undone_at"),
    _table("column_presets", ColumnPreset, "event__title name columns is_shared"),
    _table("files_planned", FileSchedule, "event__title level form repeats reason state"),
    _table("files_made", AttendanceFile, "event__title name reason asked_at state"),
    _table("files_planned", FileSchedule, "event__title level form repeats reason planned_at"),
    _table("column_presets", ColumnPreset, "event__title name columns is_shared"),
    _table("files_taken", FileDownload, "event__title name reason at"),
)

# Tables that point to somebody and are not told, with the reason.
NOT_TOLD: Final = {
    "admin.LogEntry": "work in the admin, about others",
    "analytics.PrivacyChange": "work in the admin, about events",
    "analytics.StageStandIn": "points to unnamed accounts only",
    "analytics.KnownSignIn": "recognises an id that is not kept, and says nothing else",
    "analytics.WithheldIdentity": "points to unnamed accounts only",
    "events.PlannerStep": "work in the admin, about events",
    "events.User_groups": "rights of staff",
    "events.User_user_permissions": "rights of staff",
}


def my_data(user: User) -> dict[str, Rows]:
    """What is kept about ``user``, table by table, in words of the tables.

    Left out are keys and digests that would let whoever finds the file in: passwords, secrets
    of second steps, session keys, links. Titles are empty where the person may not know of the
    event or session, such as one that is being planned anew.
    """
    titles = Titles(user)
    return {table.name: titles.rows(table.rows(user), *table.columns) for table in TABLES}


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
        return [_readable(dict(zip(names, row, strict=True))) for row in found]

    def _title(self, column: str) -> Case:
        path = column.removesuffix("__title")
        if path.endswith("session"):
            shown = Q((f"{path}__status__in", SHOWN)) | Q((f"{path}__event__in", self.teams))
            known = Q((f"{path}__event__in", self.events)) & shown
        else:
            known = Q((f"{path}__in", self.events))
        return Case(When(known, then=F(column)), default=Value(""))


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    """What JSON cannot hold, as text under a name that says so."""
    return {
        f"{name}_base64" if (is_bytes := isinstance(value, bytes | memoryview)) else name: (
            b64encode(value).decode() if is_bytes else value
        )
        for name, value in row.items()
    }


def _is_title(column: str) -> bool:
    return column.endswith("__title")


def as_json(user: User) -> str:
    """The same as a file: JSON, UTF-8, times in ISO 8601."""
    return json.dumps(my_data(user), cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
