"""The statement that reads a file's rows: one for all sessions, in the order of the file.

What is the same in all rows of a session (``of_session``) is not read with each row; what
the statement returns is the session's place in the list, and the rest of the line.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db.models import Min

from analytics.exports.columns import CellKind, ExportColumn, ExportLevel
from analytics.exports.lines import LineFormat, SqlDialect, line_sql
from analytics.figures.left_out import but_left_out
from analytics.figures.presence import guest_sql
from analytics.models import Coverage, RoomRun, SessionAttendance, Source, Stay
from analytics.privacy.modes import PrivacyRules
from analytics.roster import GUEST, PeopleFilter
from events.models import Event, Registration, Session, SessionSpeaker, TeamMember, TeamRole, User
from events.roles import StageRole, strongest_role

_ATTENDANCE: Final = SessionAttendance._meta.db_table
_STAY: Final = Stay._meta.db_table
_RUN: Final = RoomRun._meta.db_table
_USER: Final = User._meta.db_table
_REGISTRATION: Final = Registration._meta.db_table

# Of the person level, by column. ``p`` is a person in a session ``s``, see _people_of.
_PERSON_VALUES: Final = {
    "attendee_id": "p.uuid",
    "attendee_name": "p.name",
    "attendee_email": "p.email",
    "role": f"CASE WHEN p.account IS NULL THEN '{GUEST}' "
    f"ELSE coalesce(stage.role, team.role, '{StageRole.ATTENDEE}') END",
    "registered": "p.registered",
    "attended": "coalesce(p.attended, {false})",
    "first_joined_utc": "p.first_joined_at",
    "last_left_utc": "p.last_left_at",
    "join_count": "CASE WHEN p.attendance IS NULL THEN 0 ELSE p.join_count END",
    "minutes_present": "coalesce(p.minutes_present, 0)",
    "scheduled_percent": "coalesce(p.scheduled_percent, 0)",
    "open_interval": "coalesce(p.open_interval, {false})",
    "attention_percent": "p.attention_percent",
    "live_minutes": "p.live_minutes",
    "recording_minutes": "p.recording_minutes",
    "sources": "p.sources",
    "matched_by": "p.matched_by",
    # Someone unseen was absent as of the session's last pull.
    "pulled_at_utc": "coalesce(p.pulled_at, p.as_of)",
    **{f"{source}_minutes": f"p.{source}_minutes" for source in Source.values},
}
_ATTENDANCE_FIELDS: Final = (
    "attended",
    "first_joined_at",
    "last_left_at",
    "join_count",
    "minutes_present",
    "scheduled_percent",
    "open_interval",
    "attention_percent",
    "live_minutes",
    "recording_minutes",
    "sources",
    "matched_by",
    "pulled_at",
    *(f"{source}_minutes" for source in Source.values),
)
_SHOWN: Final = {
    PeopleFilter.ALL: "1 = 1",
    PeopleFilter.ATTENDED: "p.attended",
    PeopleFilter.ABSENT: "p.registered AND NOT coalesce(p.attended, {false})",
    PeopleFilter.GUESTS: "p.account IS NULL",
}
_STAY_VALUES: Final = {
    "attendee_id": "u.uuid",
    "attendee_name": "coalesce(u.name, stay.name)",
    "attendee_email": "coalesce(u.email, stay.email)",
    "source": "stay.source",
    "remote_session_id": "run.remote_id",
    "remote_user_id": "stay.remote_user_id",
    "joined_utc": "stay.joined_at",
    "left_utc": "stay.left_at",
    "minutes": "stay.minutes",
    "open_interval": "stay.open_interval",
    "attention_percent": "stay.attention",
    "matched_by": "stay.matched_by",
    "pulled_at_utc": "stay.pulled_at",
}


@dataclass(frozen=True)
class Statement:
    """SQL and its parameters. Each row is the place of its session and a line."""

    sql: str
    parameters: Sequence[Any]


def statement_of(
    event: Event,
    sessions: Sequence[Session],
    level: ExportLevel,
    columns: Sequence[ExportColumn],
    show: PeopleFilter,
    rules: PrivacyRules,
    sql: SqlDialect,
    form: LineFormat | None,
) -> Statement:
    """What reads the rows of these sessions, without their ``of_session`` columns.

    Raises ValueError in the aggregate mode, which lists nobody.
    """
    if not rules.lists_people:
        raise ValueError("In the aggregate mode nobody is listed.")
    own = [column for column in columns if not column.of_session]
    if level is ExportLevel.STAY:
        return _stays_of(sessions, own, rules, sql, form)
    return _people_of(event, sessions, own, show, rules, sql, form)


def _shown(
    columns: Sequence[ExportColumn],
    values: Mapping[str, str],
    subject: str,
    rules: PrivacyRules,
    sql: SqlDialect,
) -> list[tuple[ExportColumn, str]]:
    """Each column with its value, as far as the event's privacy lets files say it.

    The one place where it does: under codes, all that says who somebody is becomes the code
    or is empty. A role would, too: an event has few moderators.
    """
    if rules.names_people:
        return [(c, values[c.name].format(false=sql.false)) for c in columns]
    hidden = {
        "attendee_id": sql.code(subject),
        "attendee_name": sql.code(subject),
        **dict.fromkeys(("attendee_email", "remote_user_id", "role"), "''"),
    }
    return [
        (replace(c, kind=CellKind.WORD), hidden[c.name])
        if c.name in hidden
        else (c, values[c.name].format(false=sql.false))
        for c in columns
    ]


def _stays_of(
    sessions: Sequence[Session],
    columns: Sequence[ExportColumn],
    rules: PrivacyRules,
    sql: SqlDialect,
    form: LineFormat | None,
) -> Statement:
    """Every interval as reported, inside the session's window or not."""
    subject = f"coalesce({_uuid(sql, 'u.uuid')}, {guest_sql('stay')})"
    line = line_sql(sql, _shown(columns, _STAY_VALUES, subject, rules, sql), form)
    rows = sql.for_each_session(
        line,
        f"{{each}}{_RUN} run JOIN {_STAY} stay ON stay.run_id = run.id "
        f"LEFT JOIN {_USER} u ON u.id = stay.user_id",
        "run.session_id = s.pk"
        + but_left_out("stay", "run.session_id", [session.pk for session in sessions]),
        "s.place",
        ["stay.joined_at", "stay.id"],
    )
    listed = sql.rows_of_json(["pk"], ["bigint"])
    secret, key = _secret(rules, sql)
    text = f"WITH {secret}sessions AS MATERIALIZED ({listed}) {rows}"
    return Statement(text, [*key, json.dumps([[session.pk] for session in sessions])])


def _secret(rules: PrivacyRules, sql: SqlDialect) -> tuple[str, list[str]]:
    """The table with the event's key and its parameter; nothing where people are named."""
    return ("", []) if rules.names_people else (sql.secret(), [rules.key.hex()])


def _uuid(sql: SqlDialect, value: str) -> str:
    return sql.text(ExportColumn("", CellKind.UUID), value)


def _people_of(
    event: Event,
    sessions: Sequence[Session],
    columns: Sequence[ExportColumn],
    show: PeopleFilter,
    rules: PrivacyRules,
    sql: SqlDialect,
    form: LineFormat | None,
) -> Statement:
    """Everyone registered or seen, in the order of their accounts; then guests, by name.

    Under codes they come in the order of these: any other would tell who is who.
    """
    subject = f"coalesce({_uuid(sql, 'p.uuid')}, p.person_key)"
    by_name = ["(p.account IS NULL)", "p.account", f"p.guest{sql.binary_order}", "p.attendance"]
    rows = sql.for_each_session(
        line_sql(sql, _shown(columns, _PERSON_VALUES, subject, rules, sql), form),
        f"({_everyone(sql)}) p "
        "LEFT JOIN team ON team.account = p.account "
        "LEFT JOIN stage ON stage.session = p.session AND stage.account = p.account",
        _SHOWN[show].format(false=sql.false),
        "p.place",
        by_name if rules.names_people else [f"{sql.code(subject)}{sql.binary_order}"],
    )
    as_of = _pulled_by_session(sessions)
    team, stage = role_tables(event)
    listed = sql.rows_of_json(["pk", "as_of"], ["bigint", "timestamptz"])
    by_team = sql.rows_of_json(["account", "role"], ["bigint", "text"])
    by_stage = sql.rows_of_json(["session", "account", "role"], ["bigint", "bigint", "text"])
    secret, key = _secret(rules, sql)
    text = (
        f"WITH {secret}sessions AS MATERIALIZED ({listed}), "
        f"team AS MATERIALIZED ({by_team}), stage AS MATERIALIZED ({by_stage}), "
        "registered AS MATERIALIZED ("
        f"SELECT u.id, u.uuid, u.name, u.email FROM {_USER} u WHERE u.id IN ("
        f"SELECT user_id FROM {_REGISTRATION} WHERE event_id = %s AND withdrawn_at IS NULL)) "
        f"{rows}"
    )
    return Statement(
        text,
        [
            *key,
            json.dumps([[session.pk, as_of.get(session.pk)] for session in sessions]),
            json.dumps([[account, role] for account, role in team.items()]),
            json.dumps([[*key, role] for key, role in stage.items()]),
            event.pk,
        ],
    )


def _everyone(sql: SqlDialect) -> str:
    """Who is registered, seen or not; and who was only seen."""
    fields = ", ".join(f"a.{name}" for name in _ATTENDANCE_FIELDS)
    return f"""
        SELECT s.pk AS session, s.place, s.as_of, r.id AS account, r.uuid, r.name, r.email,
               {sql.true} AS registered, a.id AS attendance, '' AS guest, a.person_key, {fields}
        FROM {{each}}registered r
        LEFT JOIN {_ATTENDANCE} a ON a.session_id = s.pk AND a.user_id = r.id
        UNION ALL
        SELECT s.pk, s.place, s.as_of, u.id, u.uuid, coalesce(u.name, a.name),
               coalesce(u.email, a.email), {sql.false}, a.id,
               CASE WHEN u.id IS NULL THEN a.name ELSE '' END, a.person_key, {fields}
        FROM {{each}}{_ATTENDANCE} a LEFT JOIN {_USER} u ON u.id = a.user_id
        WHERE a.session_id = s.pk
          AND NOT EXISTS (SELECT 1 FROM registered r WHERE r.id = a.user_id)
    """


def _pulled_by_session(sessions: Sequence[Session]) -> dict[int, str]:
    """As of when each session's people are known to be absent, as its database writes times."""
    found = (
        Coverage.objects.filter(session__in=[session.pk for session in sessions])
        .order_by()
        .values_list("session")
        .annotate(at=Min("pulled_at"))
    )
    return {pk: _moment(at) for pk, at in found if at}


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S.%f%z}"


def role_tables(event: Event) -> tuple[dict[int, str], dict[tuple[int, int], str]]:
    """The roles by account, and by session and account; whoever is in neither is an attendee.

    As Roster.role: a superuser counts as an owner only where no team gives them another role.
    """
    team: dict[int, str] = dict.fromkeys(
        User.objects.filter(is_superuser=True).values_list("pk", flat=True), TeamRole.OWNER.value
    )
    team.update(TeamMember.objects.filter(event=event).values_list("user_id", "role"))
    on_stage: dict[tuple[int, int], list[str]] = defaultdict(list)
    appearances = SessionSpeaker.objects.filter(
        session__event=event, speaker__user__isnull=False
    ).values_list("session_id", "speaker__user_id", "role")
    for session_pk, user_pk, role in appearances:
        if user_pk is not None:
            on_stage[session_pk, user_pk].append(role)
    stage = {
        (session, account): str(
            strongest_role([*roles, *([team[account]] if account in team else [])])
        )
        for (session, account), roles in on_stage.items()
    }
    return {account: str(strongest_role([role])) for account, role in team.items()}, stage
