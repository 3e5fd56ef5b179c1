"""The doctor: break one thing, and that one line turns red, none that does not hang on it."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from kaltura_bridge.api import ks
from kaltura_bridge.api.client import Kaltura, new
from kaltura_bridge.doctor import Exam
from kaltura_bridge.doctor.powers import NEEDED, look_at_permissions
from kaltura_simulator.provision import metadata_schemas
from portal import heartbeat
from tests.kaltura_bridge.support.doctoring import (
    HOOK,
    NOWHERE,
    Patient,
    at_kaltura,
    hangs_on,
    look,
    not_well,
)

pytestmark = [pytest.mark.django_db(transaction=True)]


# ------------------------------------------------------------------ one broken thing
Break = Callable[[Patient], object]


def setting(name: str, value: object) -> Break:
    return lambda patient: setattr(patient.settings, name, value)


def forbid(action: str) -> Break:
    return lambda patient: patient.forbid(action)


def refuse(action: str, code: str) -> Break:
    return lambda patient: patient.simulator.fault(
        action, "api_error", code=code, message="No", times=None
    )


def move_clock(seconds: float) -> Break:
    return lambda patient: patient.simulator.set_clock(time.time() + seconds)


def lose_feature(number: int) -> Break:
    """Kaltura's list of the account's features lacks one; the doctor asks for one at a time."""

    def lose(patient: Patient) -> None:
        for _ in range(number):
            patient.simulator.fault("permission.list", "slow_reply", seconds=0)
        patient.simulator.fault("permission.list", "lose_item")

    return lose


def delete_user(patient: Patient) -> None:
    at_kaltura(lambda client: client.user.delete(patient.settings.KALTURA_USER_ID))


def delete_profile(key: int) -> Break:
    return lambda patient: at_kaltura(lambda c: c.metadata.metadataProfile.delete(key))


def rewrite_schema(key: int, xsd: str) -> Break:
    empty = new("KalturaMetadataProfile")
    return lambda patient: at_kaltura(lambda c: c.metadata.metadataProfile.update(key, empty, xsd))


def other_kaf(patient: Patient) -> None:
    """A KAF that is there, and takes nobody: that of another account."""
    patient.site.statuses |= {"/version": 200, "*": 403}
    patient.settings.KALTURA_KAF_URL = patient.site.url


def unready_kaf(patient: Patient) -> None:
    patient.site.statuses["/version"] = 500
    patient.settings.KALTURA_KAF_URL = patient.site.url


def breaking_kaf(patient: Patient) -> None:
    patient.simulator.fault("kaf.view-entry", "status_5xx", times=None)


def no_api(patient: Patient) -> None:
    """A web server stands at the address, but it is not Kaltura."""
    patient.site.text = "<h1>Hello</h1>"
    patient.site.statuses["*"] = 200
    patient.settings.KALTURA_SERVICE_URL = patient.site.url


def trouble_newrow(patient: Patient) -> None:
    """Once: the door through KAF is tried first."""
    patient.simulator.fault("newrow.analytics/sessions", "status_5xx")


def stop_notifications(patient: Patient) -> None:
    patient.set_notification(patient.template, 1)


def empty_notifications(patient: Patient) -> None:
    patient.set_notification(patient.template, 1)
    patient.make_notification("EMPTY", with_data=False)


def dead_worker(patient: Patient) -> None:
    heartbeat.forget()


def dead_scheduler(patient: Patient) -> None:
    """Beside Redis it is a process of its own."""
    patient.settings.REDIS_URL = "redis://127.0.0.1:9/0"
    heartbeat.forget(heartbeat.SCHEDULER)


LONG_LINK = setting("KALTURA_KAF_KS_S", 7200)
SHORT_LEASE = setting("KALTURA_LEASE_S", 5)
NO_SELF_SERVE = metadata_schemas.kwebcast().replace("IsSelfServe", "SelfService")
STRICT = metadata_schemas.events().replace('base="xsd:string"', 'base="xsd:integer"')

CASES: list[tuple[str, str, Break, str]] = [
    ("settings", "warning", LONG_LINK, "KALTURA_KAF_KS_S is 7200"),
    ("settings", "failed", SHORT_LEASE, "KALTURA_LEASE_S is 5"),
    ("service address", "failed", setting("KALTURA_SERVICE_URL", NOWHERE), "connection refused"),
    ("service address", "failed", no_api, "an answer that cannot be read"),
    ("clock", "warning", move_clock(45), "s ahead of ours"),
    ("clock", "failed", move_clock(120), "s ahead of ours"),
    ("clock", "failed", move_clock(-120), "s behind ours"),
    ("credentials", "failed", setting("KALTURA_ADMIN_SECRET", "f" * 32), "INVALID_KS"),
    ("credentials", "failed", setting("KALTURA_PARTNER_ID", 99999), "account 99999"),
    ("permissions", "failed", forbid("liveStream.list"), "may not see live streams"),
    ("permissions", "failed", forbid("room.list"), "may not see rooms"),
    ("permissions", "failed", forbid("scheduleEvent.list"), "may not see schedule events"),
    ("permissions", "warning", refuse("scheduleResource.list", "ODD"), "Not all of it"),
    (
        "permissions",
        "warning",
        refuse("permission.getCurrentPermissions", "SERVICE_DOES_NOT_EXISTS"),
        "Not all of it could be asked",
    ),
    ("live streaming", "failed", lose_feature(0), "FEATURE_LIVE_STREAM."),
    ("recording", "failed", lose_feature(1), "FEATURE_LIVE_STREAM_RECORD."),
    ("owner", "warning", delete_user, "does not know the user “event-portal”"),
    ("parent category", "failed", setting("KALTURA_PARENT_CATEGORY", ""), "is empty"),
    ("parent category", "failed", setting("KALTURA_PARENT_CATEGORY", "A>B"), "no category “A>B”"),
    ("parent category", "failed", setting("KALTURA_PARENT_CATEGORY", "KAF>site"), "below"),
    ("metadata profile KMS_KWEBCAST2", "failed", delete_profile(1301), "KwebcastProfile"),
    ("metadata profile KMS_EVENTS3", "failed", delete_profile(1302), "EventsProfile3"),
    ("metadata profile EntryAdditionalInfo", "failed", delete_profile(1303), "Entry Additional"),
    (
        "metadata profile KMS_KWEBCAST2",
        "warning",
        rewrite_schema(1301, NO_SELF_SERVE),
        "knows no IsSelfServe",
    ),
    ("metadata profile KMS_EVENTS3", "failed", rewrite_schema(1302, STRICT), "does not fit"),
    ("conversion profile", "failed", setting("KALTURA_CONVERSION_PROFILE_ID", 1003), "1003"),
    ("player", "failed", setting("KALTURA_PLAYER_UICONF_ID", 99), "no player 99"),
    ("player", "warning", setting("KALTURA_PLAYER_UICONF_ID", None), "is empty"),
    *(
        case
        for kind in ("interactive", "webinar", "studio")
        for name in (f"KALTURA_ROOM_TEMPLATE_{kind.upper()}",)
        for case in (
            (f"room template: {kind}", "failed", setting(name, "0_nosuchid"), "no entry"),
            (f"room template: {kind}", "failed", setting(name, "0_videoone"), "is no room"),
            (f"room template: {kind}", "warning", setting(name, ""), "is empty"),
        )
    ),
    ("simulive profile", "failed", setting("KALTURA_SIMULIVE_ACCESS_CONTROL_ID", 1101), "no rule"),
    ("simulive profile", "failed", setting("KALTURA_SIMULIVE_ACCESS_CONTROL_ID", 99), "no access"),
    ("simulive profile", "warning", setting("KALTURA_SIMULIVE_ACCESS_CONTROL_ID", None), "empty"),
    (
        "simulive profile",
        "failed",
        refuse("accessControlProfile.get", "ODD_CODE"),
        "Kaltura refused: No (ODD_CODE).",
    ),
    (
        "simulive profile",
        "failed",
        lambda patient: patient.simulator.fault("accessControlProfile.get", "status_5xx"),
        "Kaltura did not answer this question (HTTP 503).",
    ),
    ("reports", "failed", forbid("report.getTable"), "may not read reports"),
    ("KAF", "failed", setting("KALTURA_KAF_URL", NOWHERE), "no connection"),
    ("KAF", "failed", unready_kaf, "not set up yet"),
    ("KAF signature", "failed", other_kaf, "refuses what we sign (HTTP 403)"),
    ("KAF signature", "failed", breaking_kaf, "HTTP 503"),
    ("Newrow through KAF", "failed", trouble_newrow, "HTTP 503"),
    ("Newrow directly", "failed", setting("NEWROW_API_TOKEN", "wrong"), "HTTP 401"),
    ("webhook settings", "skipped", setting("KALTURA_WEBHOOK_SECRET", ""), "by the sweep"),
    ("webhook settings", "failed", setting("KALTURA_WEBHOOK_SECRET", "e" * 32), "is not KALTURA"),
    ("webhook address", "failed", lambda p: p.site.statuses.pop(HOOK), "HTTP 404"),
    ("webhook templates", "warning", stop_notifications, "No active notification"),
    ("webhook templates", "warning", empty_notifications, "do not send the object as JSON"),
    ("webhook templates", "skipped", forbid("eventNotificationTemplate.list"), "does not list"),
    ("background worker", "failed", dead_worker, "does not report on the worker"),
    ("scheduler", "failed", dead_scheduler, "is not running"),
]


def test_doctor_has_nothing_to_say_of_a_healthy_account(patient):
    lines = look(patient.settings)

    assert not_well(lines) == {}
    assert {line.fix for line in lines.values()} == {""}


@pytest.mark.parametrize(("name", "verdict", "harm", "seen"), CASES)
def test_one_broken_thing_turns_one_line_red(patient, name, verdict, harm, seen):
    harm(patient)

    lines = look(patient.settings)

    waiting = hangs_on(name) if verdict in {"failed", "skipped"} else set()
    assert not_well(lines) == {name: verdict} | dict.fromkeys(waiting, "skipped")
    assert seen in lines[name].seen
    assert bool(lines[name].fix) == (verdict != "skipped")


def test_clock_far_ahead_explains_refused_signatures(patient):
    move_clock(7200)(patient)

    lines = look(patient.settings)

    waiting = hangs_on("clock", "credentials") | {"credentials"}
    assert not_well(lines) == {"clock": "failed"} | dict.fromkeys(waiting, "skipped")
    assert "because “clock” failed" in lines["credentials"].seen


def test_account_that_does_not_tell_its_features_may_have_them(patient):
    patient.forbid("permission.list")

    lines = look(patient.settings)

    assert not_well(lines) == dict.fromkeys(("live streaming", "recording"), "warning")
    assert lines["recording"].fix == "Ask Kaltura whether FEATURE_LIVE_STREAM_RECORD is on."


def test_site_that_kaltura_cannot_reach_is_told(patient):
    patient.settings.SITE_URL = "http://portal.invalid"

    lines = look(patient.settings)

    assert not_well(lines) == dict.fromkeys(
        ("webhook settings", "webhook address", "webhook templates"), "warning"
    )
    assert lines["webhook settings"].seen == "SITE_URL is plain http (http://portal.invalid)."


# ------------------------------------------------------------------ application tokens
KAF_NEEDS_SECRET = {
    "settings": "warning",
    "KAF signature": "skipped",
    "Newrow through KAF": "skipped",
}


def spoil_token(patient: Patient) -> None:
    patient.settings.KALTURA_APP_TOKEN = "0" * 32


def spoil_token_id(patient: Patient) -> None:
    patient.settings.KALTURA_APP_TOKEN_ID = "1_nosuchid"


def leave(patient: Patient) -> None:
    """Nothing more to break."""


@pytest.mark.parametrize(
    ("fields", "harm", "verdict", "seen"),
    [
        ({}, leave, "ok", "takes the application token of account 101"),
        ({}, spoil_token, "failed", "INVALID_APP_TOKEN_HASH"),
        ({}, spoil_token_id, "failed", "APP_TOKEN_ID_NOT_FOUND"),
        ({"sessionType": 0}, leave, "failed", "may not administer the account"),
        ({"sessionPrivileges": ""}, leave, "warning", "leaves out disableentitlement"),
        ({"sessionUserId": "somebody"}, leave, "warning", "acts as “somebody”"),
    ],
)
def test_application_token_and_its_quirks(patient, fields, harm, verdict, seen):
    patient.use_app_token(**fields)
    harm(patient)

    lines = look(patient.settings)

    waiting = hangs_on("credentials") if verdict == "failed" else set()
    found = {} if verdict == "ok" else {"credentials": verdict}
    assert not_well(lines) == found | KAF_NEEDS_SECRET | dict.fromkeys(waiting, "skipped")
    assert seen in lines["credentials"].seen


def test_no_credentials_at_all_names_the_settings(patient):
    patient.settings.KALTURA_ADMIN_SECRET = ""

    line = look(patient.settings)["credentials"]

    assert (line.verdict, line.seen) == (
        "failed",
        "Set KALTURA_ADMIN_SECRET, or KALTURA_APP_TOKEN_ID and KALTURA_APP_TOKEN.",
    )


def test_role_with_too_little_is_named_power_by_power(patient, monkeypatch):
    """A session with the producer's role: it may change live streams and little else."""
    secret, user = patient.settings.KALTURA_ADMIN_SECRET, patient.settings.KALTURA_USER_ID
    weak = at_kaltura(
        lambda c: c.session.start(secret, user, 2, 101, 600, "setrole:WEBCAST_PRODUCER_DEVICE_ROLE")
    )
    monkeypatch.setattr(ks, "sync_admin_ks", lambda: weak)
    exam = Exam()
    exam.kaltura = Kaltura()

    found = look_at_permissions(exam)

    may_not = ["see schedule events", "see schedule resources"]
    may_not += [what for name, what in NEEDED.items() if name != "LIVE_STREAM_UPDATE"]
    may_not += ["choose access control for simulives"]
    assert found.seen == f"Our session may not {', '.join(may_not)}."
