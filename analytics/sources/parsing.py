"""Text from the attendance sources -> typed rows, with units fixed.

Newrow and the Kaltura reports send every value as text, ids and times included. Here
each becomes what it is: aware UTC datetimes, minutes as decimals, percentages 0-100.
A value that cannot be read is never guessed: BadRow names its field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Self, TypeVar

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from events.characters import clean_text

# Newrow's times are Unix seconds, but Kaltura's samples warn that they may come in
# milliseconds: https://github.com/kaltura-vpaas/newrow-api (newrow/getSessions.py). Seconds
# reach this number in the year 5138, milliseconds passed it in 1973.
MILLISECONDS_FROM: Final = 100_000_000_000
# No attendance is older than Kaltura itself or this far ahead: such a time is garbage.
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
# Newrow invents an address of its own for people who come in through KAF.
INTERNAL_MAIL_HOST: Final = "@lti-newrow.com"
# How the reports name everyone who watched without a user id, as one row.
ANONYMOUS: Final = "Unknown"

_NUMBER: Final = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?")


class BadRow(ValueError):
    """A reported row that cannot be read: which field, what is wrong with it."""

    def __init__(self, field: str, reason: str, raw: Mapping[str, Any]) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason
        self.raw = dict(raw)


def _invalid(reason: str) -> PydanticCustomError:
    # pydantic fills in braces in the message, and a reported value may contain some.
    return PydanticCustomError("bad_value", "{reason}", {"reason": reason})


def storable(text: str) -> str:
    """``text`` without what PostgreSQL refuses: NUL, and halves of surrogate pairs."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _text(value: object) -> str:
    """Any scalar as trimmed text; null is empty. Lists and objects are refused."""
    if value is None:
        return ""
    if isinstance(value, bool | float) or not isinstance(value, str | int):
        raise _invalid(f"is {_shown(value)}, not text")
    return clean_text(storable(str(value))).strip()


def _some_text(value: object) -> str:
    if not (text := _text(value)):
        raise _invalid("is empty")
    return text


def _decimal(text: str) -> Decimal:
    """A decimal number in ASCII digits. PHP (Kaltura's server) writes small ones as 6.0E-5."""
    if not _NUMBER.fullmatch(text):
        raise _invalid(f"is {_shown(text)}, not a number")
    return Decimal(text)


def _instant(value: object) -> datetime | None:
    """A Unix time, in seconds or milliseconds; empty and 0 mean there is none."""
    text = _text(value)
    if text in ("", "0"):
        return None
    number = _decimal(text)
    if number >= MILLISECONDS_FROM:
        number /= 1000
    try:
        moment = datetime.fromtimestamp(int(number), UTC)
    except (OverflowError, OSError, ValueError):
        raise _invalid(f"is {_shown(text)}, not a Unix time") from None
    if not EARLIEST <= moment < LATEST:
        raise _invalid(f"is {_shown(text)}, a Unix time of the year {moment.year}")
    return moment


def _needed_instant(value: object) -> datetime:
    if (moment := _instant(value)) is None:
        raise _invalid(f"is {_shown(value)}, not a Unix time")
    return moment


def _minutes(value: object) -> Decimal | None:
    """Decimal minutes, "24.9667"; empty means the source does not say."""
    if not (text := _text(value)):
        return None
    minutes = _decimal(text)
    if not 0 <= minutes < 1_000_000:
        raise _invalid(f"is {_shown(text)}, not a number of minutes")
    return minutes.quantize(Decimal("0.0001"))


def _needed_minutes(value: object) -> Decimal:
    if (minutes := _minutes(value)) is None:
        raise _invalid("is empty, not a number of minutes")
    return minutes


def _percent(value: object) -> Decimal | None:
    """A percentage with its sign, "34%"; empty means the source does not say."""
    if not (text := _text(value)):
        return None
    if not text.endswith("%"):
        raise _invalid(f"is {_shown(text)}, not a percentage such as 34%")
    percent = _decimal(text[:-1].strip())
    if not 0 <= percent <= 100:
        raise _invalid(f"is {_shown(text)}, not between 0% and 100%")
    return percent.quantize(Decimal("0.01"))


def _ratio(value: object) -> Decimal | None:
    """A ratio 0-1 as a percentage; empty means the source does not say."""
    if not (text := _text(value)):
        return None
    ratio = _decimal(text)
    if not 0 <= ratio <= 1:
        raise _invalid(f"is {_shown(text)}, not a ratio between 0 and 1")
    return (ratio * 100).quantize(Decimal("0.01"))


def _count(value: object) -> int:
    """A whole number, which may be written as 3.0. Empty means 0."""
    number = _decimal(_text(value) or "0")
    if number < 0 or number != int(number) or number > 2_000_000_000:
        raise _invalid(f"is {_shown(value)}, not a count")
    return int(number)


Text = Annotated[str, BeforeValidator(_text)]
SomeText = Annotated[str, BeforeValidator(_some_text)]
Instant = Annotated[datetime | None, BeforeValidator(_instant)]
NeededInstant = Annotated[datetime, BeforeValidator(_needed_instant)]
Minutes = Annotated[Decimal | None, BeforeValidator(_minutes)]
NeededMinutes = Annotated[Decimal, BeforeValidator(_needed_minutes)]
Percent = Annotated[Decimal | None, BeforeValidator(_percent)]
Ratio = Annotated[Decimal | None, BeforeValidator(_ratio)]
Count = Annotated[int, BeforeValidator(_count)]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class RunRow(_Row):
    """One run of a Newrow room. ``ended_at`` is None while it goes on."""

    remote_id: Annotated[SomeText, Field(validation_alias="id", max_length=64)]
    room_name: Annotated[Text, Field(validation_alias="room_name")] = ""
    started_at: Annotated[
        NeededInstant, Field(validation_alias=AliasChoices("date_start", "start_date"))
    ]
    ended_at: Annotated[Instant, Field(validation_alias=AliasChoices("date_end", "end_date"))] = (
        None
    )
    minutes: Annotated[Minutes, Field(validation_alias="duration")] = None

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.ended_at and self.ended_at < self.started_at:
            raise PydanticCustomError("date_end", "is before date_start")
        return self


class StayRow(_Row):
    """One attendee's stay in a room run. ``left_at`` is None while they are there.

    ``account_id`` is the user id we put into the KS, empty for guests. ``source_user_id``
    is Newrow's own number of the person.
    """

    source_user_id: Annotated[Text, Field(validation_alias="user_id", max_length=100)] = ""
    user_type: Annotated[Text, Field(validation_alias="user_type")] = ""
    account_id: Annotated[Text, Field(validation_alias="lti_user_id", max_length=200)] = ""
    name: Annotated[Text, Field(validation_alias="user_name")] = ""
    internal_email: Annotated[Text, Field(validation_alias="user_email")] = ""
    account_email: Annotated[Text, Field(validation_alias="lti_user_email")] = ""
    joined_at: Annotated[NeededInstant, Field(validation_alias="time_joined")]
    left_at: Annotated[Instant, Field(validation_alias="time_left")] = None
    minutes: Annotated[Minutes, Field(validation_alias="duration")] = None
    attention: Annotated[Percent, Field(validation_alias="attention")] = None

    @model_validator(mode="after")
    def _has_a_person(self) -> Self:
        if self.left_at and self.left_at < self.joined_at:
            raise PydanticCustomError("time_left", "is before time_joined")
        if not (self.source_user_id or self.account_id or self.name):
            raise PydanticCustomError("user_id", "is empty, and so is every other name")
        return self

    @property
    def email(self) -> str:
        """The person's own address, never Newrow's internal alias; empty when unknown."""
        for address in (self.account_email, self.internal_email):
            if address and not address.lower().endswith(INTERNAL_MAIL_HOST):
                return address
        return ""


class ViewerRow(_Row):
    """How long one person watched a webcast: a row of the report TOP_USERS_WEBCAST."""

    user_id: Annotated[SomeText, Field(validation_alias="user_id", max_length=200)]
    name: Annotated[Text, Field(validation_alias="user_name")] = ""
    plays: Annotated[Count, Field(validation_alias="count_plays")] = 0
    minutes: Annotated[NeededMinutes, Field(validation_alias="sum_view_period")]
    live_minutes: Annotated[NeededMinutes, Field(validation_alias="sum_live_view_period")]
    engaged: Annotated[Ratio, Field(validation_alias="live_engaged_users_play_time_ratio")] = None

    @property
    def is_anonymous(self) -> bool:
        """Whether this row sums up everyone who watched without a user id."""
        return self.user_id == ANONYMOUS

    @property
    def recording_minutes(self) -> Decimal:
        """What was watched of the recording.

        The report rounds both numbers, so live minutes may exceed all minutes slightly.
        """
        return max(self.minutes - self.live_minutes, Decimal(0))


class EngagementRow(ViewerRow):
    """How long one person was live: a row of EP_WEBCAST_LIVE_USER_ENGAGEMENT. No recordings."""

    minutes: Annotated[NeededMinutes, Field(validation_alias="live_view_time")]
    live_minutes: Annotated[NeededMinutes, Field(validation_alias="live_view_time")]
    engaged: Annotated[
        Ratio, Field(validation_alias="combined_live_engaged_users_play_time_ratio")
    ] = None


class RealtimeRow(ViewerRow):
    """How long one person watched: a row of ENTRY_LEVEL_USERS_DISCOVERY_REALTIME.

    What was watched behind the live edge (DVR) is not live, as in the other reports.
    """

    minutes: Annotated[NeededMinutes, Field(validation_alias="sum_view_time")]
    live_minutes: Annotated[NeededMinutes, Field(validation_alias="sum_view_time_live")]
    engaged: Annotated[Ratio, Field(validation_alias="avg_view_engagement")] = None


ParsedRow = TypeVar("ParsedRow", bound=_Row)


def parse(row_type: type[ParsedRow], raw: object) -> ParsedRow:
    """A reported row as ``row_type``. Raises BadRow naming the source's field."""
    if not isinstance(raw, dict):
        raise BadRow("row", f"is {_shown(raw)}, not an object", {"row": _shown(raw)})
    try:
        return row_type.model_validate(raw)
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_context=False)[0]
        # For a check across fields pydantic names no field; we put ours in the error's type.
        field = str(first["loc"][0]) if first["loc"] else first["type"]
        reason = "is missing" if first["type"] == "missing" else first["msg"]
        raise BadRow(field, reason, raw) from None


def run_row(raw: object) -> RunRow:
    """One run of a room.

    Times are Unix seconds or milliseconds UTC. The Kaltura Meetings guide ("Room
    Analytics", analytics/sessions) calls them ``date_start`` and ``date_end``; Kaltura's
    sample for the direct API reads ``start_date`` and ``end_date``, so both are taken.
    ``duration`` is decimal minutes. Raises BadRow naming the field.
    """
    return parse(RunRow, raw)


def stay_row(raw: object) -> StayRow:
    """One attendee's stay in a room run.

    Times are Unix seconds or milliseconds UTC, ``duration`` is decimal minutes,
    ``attention`` is "34%" and kept as 0-100. Raises BadRow naming the field.
    Source: Kaltura Meetings guide, "Room Analytics", analytics/session-attendees with
    ``include_third_party_data``.
    """
    return parse(StayRow, raw)


def viewer_row(raw: object) -> ViewerRow:
    """One viewer's totals of a webcast.

    ``sum_view_period`` and ``sum_live_view_period`` are minutes, the ratio is 0-1 and
    kept as 0-100. Raises BadRow naming the column.
    Source: report.getTable, KalturaReportType.TOP_USERS_WEBCAST; the columns as in
    https://github.com/kaltura/server, kKavaWebcastReports.php.
    """
    return parse(ViewerRow, raw)


def engagement_row(raw: object) -> EngagementRow:
    """One person's live minutes of a webcast or a room.

    ``live_view_time`` is minutes, the ratio is 0-1 and kept as 0-100. Raises BadRow naming
    the column.
    Source: report.getTable, KalturaReportType.EP_WEBCAST_LIVE_USER_ENGAGEMENT; the columns as
    in https://github.com/kaltura/server, kKavaEventPlatformReports.php.
    """
    return parse(EngagementRow, raw)


def realtime_row(raw: object) -> RealtimeRow:
    """One person's minutes of a webcast, within a minute of being watched.

    Times are minutes, the engagement is 0-1 and kept as 0-100. Raises BadRow naming the
    column.
    Source: report.getTable, KalturaReportType.ENTRY_LEVEL_USERS_DISCOVERY_REALTIME, in
    Kaltura's guide to webcasting analytics, https://github.com/kaltura-vpaas/webcasting-integration.
    """
    return parse(RealtimeRow, raw)
