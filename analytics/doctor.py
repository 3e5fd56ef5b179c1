"""The doctor's checks of attendance: both ways to Newrow's analytics, and further reports."""

from __future__ import annotations

import time
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import connection
from django.utils import timezone

from analytics.figures.renewal import SQLITE_STAYS
from analytics.models import Source, Stay
from kaltura_bridge import doctor
from kaltura_bridge.api import ks
from kaltura_bridge.api.errors import KalturaError, RemoteRejected
from kaltura_bridge.audience.definitions import REPORTS
from kaltura_bridge.models import RemoteLink
from kaltura_bridge.specs import Kind

if TYPE_CHECKING:
    from analytics.sources.newrow import Transport

HOUR_S: Final = 3600
# An entry that no account has: a report about it has no rows.
NO_ENTRY: Final = "0_00000000"
_FURTHER: Final = (Source.ENGAGEMENT, Source.REALTIME)


def register() -> None:
    """Add all of them to the doctor's table."""
    needs = ("KAF", "KAF signature", "credentials")
    doctor.register(doctor.Check("Newrow through KAF", look_through_kaf, needs=needs))
    doctor.register(doctor.Check("Newrow directly", look_directly))
    doctor.register(doctor.Check("attendance: database", look_at_size))
    for source in _FURTHER:
        look = partial(look_for_report, source)
        doctor.register(doctor.Check(f"report: {source}", look, needs=("reports",)))
    for name in REPORTS:
        look = partial(look_for_audience, name)
        doctor.register(doctor.Check(f"report: {name}", look, needs=("reports",)))


def look_for_audience(name: str, run: doctor.DoctorRun) -> doctor.CheckResult:
    """Ask for a report about the audience, of no entry. An account without it can do without."""
    from kaltura_bridge.api.reports import AudienceQuestion, audience_answers  # as below

    report = REPORTS[name]
    if name not in settings.KALTURA_FURTHER_REPORTS:
        return doctor.skipped(f"KALTURA_FURTHER_REPORTS does not name “{name}”.")
    now = timezone.now()
    question = AudienceQuestion(report, [NO_ENTRY], now - timedelta(hours=1), now)
    (answer,) = audience_answers(run.kaltura, [question])
    if isinstance(answer, RemoteRejected):
        return doctor.warning(
            f"The account does not give us the report “{name}” ({report.number}): {answer}",
            f"Ask Kaltura to enable report {report.number}, or leave “{name}” out of "
            "KALTURA_FURTHER_REPORTS. Nothing else depends on it.",
        )
    if isinstance(answer, KalturaError):
        raise answer
    return doctor.ok(f"The report “{name}” ({report.number}) can be read.")


def look_for_report(source: Source, run: doctor.DoctorRun) -> doctor.CheckResult:
    """Ask for a further report that the settings name, about no entry: not every account has it."""
    # The one loads pydantic, the other the Kaltura client: web processes do without.
    from analytics.sources.kaltura_reports import ENGAGEMENT, REALTIME
    from kaltura_bridge.api.reports import report_page

    about = ENGAGEMENT if source == Source.ENGAGEMENT else REALTIME
    label = source.label
    if about.source not in settings.KALTURA_FURTHER_REPORTS:
        return doctor.skipped(f"KALTURA_FURTHER_REPORTS does not name “{about.source}”.")
    now = timezone.now()
    try:
        hour_ago = now - timedelta(hours=1)
        report_page(run.kaltura, about.report, [NO_ENTRY], hour_ago, now, 1, about.order)
    except RemoteRejected as error:
        return doctor.failed(
            f"The account does not give us the {label.lower()} ({about.report}): {error}",
            f"Ask Kaltura to enable report {about.report}, or take “{about.source}” out of "
            "KALTURA_FURTHER_REPORTS.",
        )
    return doctor.ok(f"The {label.lower()} ({about.report}) can be read.")


def look_at_size(run: doctor.DoctorRun) -> doctor.CheckResult:
    """Whether the database is fit for as many stays as there are."""
    if connection.vendor != "sqlite":
        return doctor.ok("PostgreSQL takes a million stays.")
    if (stays := Stay.objects.count()) > SQLITE_STAYS:
        return doctor.warning(
            f"There are {stays:,} stays. SQLite is fit for {SQLITE_STAYS:,}: beyond that pulls and "
            "reports take minutes, and nobody else can write meanwhile.",
            "Use PostgreSQL: set DATABASE_URL.",
        )
    return doctor.ok(f"There are {stays:,} stays; SQLite is fit for {SQLITE_STAYS:,}.")


def look_through_kaf(run: doctor.DoctorRun) -> doctor.CheckResult:
    """Ask for the last hour of one room through KAF, the whole request inside a KS."""
    from analytics.sources.newrow import KafTransport  # as above

    room = _any_room()
    if not ks.can_mint():
        return doctor.skipped("Only KALTURA_ADMIN_SECRET can sign these requests, and it is empty.")
    if not room:
        return doctor.skipped("There is no room to ask about yet.")
    return _look(
        KafTransport(),
        room,
        "Ask Kaltura to enable the newrow module of this KAF, or set NEWROW_API_URL and "
        "NEWROW_API_TOKEN to read attendance without it.",
    )


def look_directly(run: doctor.DoctorRun) -> doctor.CheckResult:
    """The same directly, with the account's token."""
    from analytics.sources.newrow import DirectTransport  # as above

    if not settings.NEWROW_API_URL:
        return doctor.skipped("NEWROW_API_URL is empty: attendance is read through KAF.")
    return _look(
        DirectTransport(),
        _any_room() or NO_ENTRY,
        "Check NEWROW_API_URL and NEWROW_API_TOKEN; Kaltura hands out both.",
    )


def _look(transport: Transport, room: str, fix: str) -> doctor.CheckResult:
    from analytics.sources.newrow import NewrowClient, NewrowError  # as above

    now = int(time.time())
    try:
        with NewrowClient(transport) as newrow:
            newrow.runs(room, now - HOUR_S, now)
    except NewrowError as error:
        return doctor.failed(str(error), fix)
    return doctor.ok("Attendance of rooms can be read.")


def _any_room() -> str:
    """A room that Newrow must know: one of ours, else a template; empty when there is none."""
    ours = RemoteLink.objects.filter(kind=Kind.ROOM, gone=False).exclude(remote_id="")
    found = ours.values_list("remote_id", flat=True).first()
    return (
        found
        or settings.KALTURA_ROOM_TEMPLATE_INTERACTIVE
        or settings.KALTURA_ROOM_TEMPLATE_WEBINAR
    )
