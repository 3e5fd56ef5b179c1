"""The doctor: break one thing, and its line turns red, and those that need it are skipped."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from events.models import Visibility
from kaltura_bridge.api import ks
from kaltura_bridge.api.client import Kaltura, new
from kaltura_bridge.audience.definitions import REPORTS
from kaltura_bridge.doctor import DoctorRun
from kaltura_bridge.doctor.permissions import NEEDED, check_permissions
from kaltura_bridge.doctor.producing import INGEST
from kaltura_bridge.models import (
    AlarmCall,
    CaptionRule,
    EventDelivery,
    JoinTest,
    Recording,
    RecordingLook,
    RemoteLink,
    SessionDelivery,
)
from kaltura_bridge.watch import addresses
from kaltura_simulator.constants import REACH_PROFILE
from kaltura_simulator.provision import metadata_schemas
from portal import heartbeat
from tests.factories import EventFactory, SessionFactory, TrackFactory, WebcastFactory
from tests.kaltura_bridge.support.captioning import VIDEO
from tests.kaltura_bridge.support.doctoring import (
    HOOK,
    NOWHERE,
    HealthyAccount,
    at_kaltura,
    dependents_of,
    look,
    not_well,
)
from tests.kaltura_bridge.support.planning import settle

pytestmark = [pytest.mark.django_db(transaction=True)]


# ------------------------------------------------------------------ one broken thing
Break = Callable[[HealthyAccount], object]


def setting(name: str, value: object) -> Break:
    return lambda account: setattr(account.settings, name, value)


def forbid(action: str) -> Break:
    return lambda account: account.forbid(action)


def refuse(action: str, code: str) -> Break:
    return lambda account: account.simulator.fault(
        action, "api_error", code=code, message="No", times=None
    )


def move_clock(seconds: float) -> Break:
    return lambda account: account.simulator.set_clock(time.time() + seconds)


def lose_feature(number: int) -> Break:
    """Kaltura's list of the account's features lacks one; the doctor asks for one at a time."""

    def lose(account: HealthyAccount) -> None:
        for _ in range(number):
            account.simulator.fault("permission.list", "slow_reply", seconds=0)
        account.simulator.fault("permission.list", "lose_item")

    return lose


def lack_report(number: int) -> Break:
    """The account has the reports that are asked for before, and not this one."""

    def lack(account: HealthyAccount) -> None:
        for _ in range(number):
            account.simulator.fault("report.getTable", "slow_reply", seconds=0)
        account.simulator.answer_with("report.getTable", "REPORT_NOT_FOUND", REPORT_ID="60010")

    return lack


def lack_audience(action: str, number: int) -> Break:
    """The account lacks the report that is the so-and-so-many-th to be read by this action."""

    def lack(account: HealthyAccount) -> None:
        for _ in range(number):
            account.simulator.fault(action, "slow_reply", seconds=0)
        account.simulator.answer_with(action, "SERVICE_FORBIDDEN")

    return lack


def lose_slides_profile(account: HealthyAccount) -> None:
    """Of the two lists of conversion profiles the second is about slides."""
    account.simulator.fault("conversionProfile.list", "slow_reply", seconds=0)
    account.simulator.fault("conversionProfile.list", "lose_item")


def wrong_slides_profile(account: HealthyAccount) -> None:
    lose_slides_profile(account)
    account.settings.KALTURA_SLIDES_PROFILE_ID = 99


def lose_role(account: HealthyAccount) -> None:
    """As when the account has no such role; first our own session asks what it may do."""
    account.simulator.fault("permission.getCurrentPermissions", "slow_reply", seconds=0)
    account.simulator.answer_with("permission.getCurrentPermissions", "INVALID_OBJECT_ID", ID="N/A")


def lose_player_role(account: HealthyAccount) -> None:
    """As when the account has no such role; ours and the producers' sessions ask before."""
    for _ in range(2):
        account.simulator.fault("permission.getCurrentPermissions", "slow_reply", seconds=0)
    account.simulator.answer_with("permission.getCurrentPermissions", "INVALID_OBJECT_ID", ID="N/A")


def no_player_served(account: HealthyAccount) -> None:
    """A server that is there, and has no player."""
    account.settings.KALTURA_CDN_URL = account.site.url


def no_copies(account: HealthyAccount) -> None:
    """A delivery network that has the player, and no video."""
    script = urlsplit(addresses.v7_script(account.settings.KALTURA_PLAYER_UICONF_ID)).path
    account.site.statuses[script] = 200
    account.settings.KALTURA_CDN_URL = account.site.url


def lose_srt(account: HealthyAccount) -> None:
    """From now on; the doctor looks at the webcast made last."""
    account.simulator.set_features(rtmpOnly=True)
    account.make_webcast()


def delete_user(account: HealthyAccount) -> None:
    at_kaltura(lambda client: client.user.delete(account.settings.KALTURA_USER_ID))


def delete_profile(key: int) -> Break:
    return lambda account: at_kaltura(lambda c: c.metadata.metadataProfile.delete(key))


def rewrite_schema(key: int, xsd: str) -> Break:
    empty = new("KalturaMetadataProfile")
    return lambda account: at_kaltura(lambda c: c.metadata.metadataProfile.update(key, empty, xsd))


def other_kaf(account: HealthyAccount) -> None:
    """A KAF that is there, and takes nobody: that of another account."""
    account.site.statuses |= {"/version": 200, "*": 403}
    account.settings.KALTURA_KAF_URL = account.site.url


def unready_kaf(account: HealthyAccount) -> None:
    account.site.statuses["/version"] = 500
    account.settings.KALTURA_KAF_URL = account.site.url


def breaking_kaf(account: HealthyAccount) -> None:
    account.simulator.fault("kaf.view-entry", "status_5xx", times=None)


def no_api(account: HealthyAccount) -> None:
    """A web server stands at the address, but it is not Kaltura."""
    account.site.text = "<h1>Hello</h1>"
    account.site.statuses["*"] = 200
    account.settings.KALTURA_SERVICE_URL = account.site.url


def trouble_newrow(account: HealthyAccount) -> None:
    """Once: the door through KAF is tried first."""
    account.simulator.fault("newrow.analytics/sessions", "status_5xx")


def stop_notifications(account: HealthyAccount) -> None:
    account.set_notification(account.template, 1)


def empty_notifications(account: HealthyAccount) -> None:
    account.set_notification(account.template, 1)
    account.make_notification("EMPTY", with_data=False)


def dead_worker(account: HealthyAccount) -> None:
    heartbeat.forget()


def dead_scheduler(account: HealthyAccount) -> None:
    """Beside Redis it is a process of its own."""
    account.settings.REDIS_URL = "redis://127.0.0.1:9/0"
    heartbeat.forget(heartbeat.SCHEDULER)


def delivered(**options: object) -> Break:
    """A session that is delivered so."""

    def deliver(account: HealthyAccount) -> None:
        SessionDelivery.objects.create(session=WebcastFactory(title="Keynote"), **options)

    return deliver


def disable_reach(account: HealthyAccount) -> None:
    at_kaltura(lambda c: c.reach.reachProfile.updateStatus(REACH_PROFILE, 1))


def disable_wanted_reach(account: HealthyAccount) -> None:
    CaptionRule.objects.create(event=EventFactory(), name="All")
    disable_reach(account)


def spend_credit(account: HealthyAccount) -> None:
    empty = new("KalturaReachProfile", credit=new("KalturaVendorCredit", credit=0, fromDate=1))
    at_kaltura(lambda c: c.reach.reachProfile.update(REACH_PROFILE, empty))


def want_greek(account: HealthyAccount) -> None:
    event = SessionFactory(event__title="Forum", language="el").event
    CaptionRule.objects.create(event=event, name="All", within_hours=24)


def leave_captions_hidden(account: HealthyAccount) -> None:
    event = EventFactory(title="Forum")
    CaptionRule.objects.create(event=event, name="All", shows_at_once=False)


def with_gallery(path: str = "", **changed: Any) -> Break:
    """An event by invitation with gallery and context, and something changed at Kaltura."""

    def show(account: HealthyAccount) -> None:
        event = EventFactory(title="Forum", visibility=Visibility.INVITED)
        EventDelivery.objects.create(event=event, gallery=True, privacy_context="forum2027")
        settle(event)
        home = RemoteLink.objects.get(kind="category", target__event_uuid=event.uuid).remote_id
        if changed:
            category = new("KalturaCategory", **changed)
            at_kaltura(lambda c: c.category.update(home, category))
        if path:
            account.settings.KALTURA_GALLERY_PATH = path

    return show


def unguarded_gallery(account: HealthyAccount) -> None:
    event = EventFactory(title="Board", visibility=Visibility.REGISTERED)
    EventDelivery.objects.create(event=event, gallery=True)


def unguarded_player(account: HealthyAccount) -> None:
    session = SessionFactory(event=EventFactory(title="Board", visibility=Visibility.INVITED))
    SessionDelivery.objects.create(session=session, player="v7")


def one_context_twice(account: HealthyAccount) -> None:
    for title, context in (("Board", "ours2027"), ("Forum", "OURS2027"), ("Spring", "others")):
        event = EventFactory(title=title, visibility=Visibility.INVITED)
        EventDelivery.objects.create(event=event, privacy_context=context)


def failing_looks(account: HealthyAccount) -> None:
    session = SessionFactory(title="Keynote")
    RecordingLook.objects.create(session=session, failures=3, error="Kaltura refused: No.")


def _watched(entry_id: str) -> Recording:
    return Recording.objects.create(
        session=SessionFactory(),
        entry_id=entry_id,
        origin="replaced",
        state="ready",
        is_published=True,
        is_main=True,
        recorded_at=timezone.now(),
    )


def with_recording(entry_id: str = VIDEO, harm: Break | None = None) -> Break:
    """Attendees watch it; what is in a private event is not looked at."""

    def record(account: HealthyAccount) -> None:
        _watched(entry_id)
        guarded = _watched("0_guarded").session.event
        EventDelivery.objects.create(event=guarded, privacy_context="forum2027")
        if harm:
            harm(account)

    return record


def two_tracks_of_one_name(account: HealthyAccount) -> None:
    for title in ("Spring", "Autumn"):
        event = TrackFactory(name="Ethics", event=EventFactory(title=title)).event
        EventDelivery.objects.create(event=event, gallery=True)
        settle(event)


def keep_viewers_out(account: HealthyAccount) -> None:
    session = SessionFactory(title="Keynote")
    JoinTest.objects.create(
        session=session,
        for_start=session.starts_at,
        looked_at=timezone.now(),
        fault="refused",
        detail="Kaltura's page is refused (HTTP 403).",
    )


def no_alarm_webhook(account: HealthyAccount) -> None:
    account.settings.ALARM_WEBHOOK_URL = account.settings.ALARM_WEBHOOK_SECRET = ""


def lose_alarm(account: HealthyAccount) -> None:
    AlarmCall.objects.create(kind="join.failed", attempts=1, trouble="HTTP 500")


LONG_LINK = setting("KALTURA_KAF_KS_S", 7200)
SHORT_LEASE = setting("KALTURA_LEASE_S", 5)
NO_SELF_SERVE = metadata_schemas.kwebcast().replace("IsSelfServe", "SelfService")
NO_LINKS = metadata_schemas.events().replace("PresenterLink", "PresenterSite")
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
    ("account", "failed", setting("KALTURA_PARTNER_ID", 99999), "account 99999"),
    ("account", "failed", lambda account: account.simulator.block(), "SERVICE_FORBIDDEN_CONTENT"),
    ("permissions", "failed", forbid("liveStream.list"), "may not see live streams"),
    ("permissions", "failed", forbid("room.list"), "may not see rooms"),
    ("permissions", "failed", forbid("scheduleEvent.list"), "may not see schedule events"),
    ("permissions", "warning", refuse("scheduleResource.list", "ODD"), "Not everything"),
    (
        "permissions",
        "warning",
        refuse("permission.getCurrentPermissions", "SERVICE_DOES_NOT_EXISTS"),
        "Not everything could be checked",
    ),
    ("live streaming", "failed", lose_feature(0), "FEATURE_LIVE_STREAM is not enabled"),
    ("recording", "failed", lose_feature(1), "FEATURE_LIVE_STREAM_RECORD is not enabled"),
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
        "has no IsSelfServe",
    ),
    ("metadata profile KMS_EVENTS3", "failed", rewrite_schema(1302, STRICT), "do not fit"),
    ("conversion profile", "failed", setting("KALTURA_CONVERSION_PROFILE_ID", 1003), "1003"),
    ("conversion profile", "failed", delivered(conversion_profile_id=77), "77 for live streams"),
    ("push publishing", "failed", delivered(push_publish=True), "PUSH_PUBLISH_PERMISSION is not"),
    ("uploaded images", "failed", delivered(thumbnail=f"{'a' * 40}.webp"), "that of “Keynote”"),
    (
        "metadata profile KMS_EVENTS3",
        "warning",
        rewrite_schema(1302, NO_LINKS),
        "has no PresenterLink",
    ),
    ("player", "failed", setting("KALTURA_PLAYER_UICONF_ID", 99), "no player 99"),
    ("player", "warning", setting("KALTURA_PLAYER_UICONF_ID", None), "is empty"),
    ("player", "failed", setting("KALTURA_PLAYER_UICONF_ID", 1204), "is no V7 player"),
    ("player", "failed", delivered(player="v7", player_uiconf_id=99), "99, which “Keynote” names"),
    ("older player", "failed", setting("KALTURA_SLIDES_PLAYER_UICONF_ID", 99), "no player 99"),
    ("older player", "failed", setting("KALTURA_SLIDES_PLAYER_UICONF_ID", 1203), "newer version"),
    ("delivery network", "failed", setting("KALTURA_CDN_URL", NOWHERE), "no connection"),
    ("delivery network", "failed", no_player_served, "does not serve player 1201 (HTTP 404)"),
    ("player role", "failed", lose_player_role, "knows no role PLAYBACK_BASE_ROLE"),
    ("player role", "warning", setting("KALTURA_PLAYER_ROLE", "none"), "is none"),
    ("player role", "warning", setting("KALTURA_PLAYER_ROLE", "KMS_USER_ROLE"), "may change"),
    *(
        case
        for kind in ("interactive", "webinar", "studio")
        for name in (f"KALTURA_ROOM_TEMPLATE_{kind.upper()}",)
        for case in (
            (f"room template: {kind}", "failed", setting(name, "0_nosuchid"), "no entry"),
            (f"room template: {kind}", "failed", setting(name, "0_videoone"), "is not a room"),
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
        lambda account: account.simulator.fault("accessControlProfile.get", "status_5xx"),
        "Kaltura did not answer this request (HTTP 503).",
    ),
    (
        "Webcasting Studio",
        "warning",
        lambda account: account.simulator.fault("uiConf.listTemplates", "lose_item"),
        "names no Webcasting Studio for Windows and macOS",
    ),
    (
        "slides profile",
        "warning",
        lose_slides_profile,
        "no conversion profile KMS54_NEW_DOC_CONV_IMAGE_WIDE",
    ),
    ("slides profile", "failed", wrong_slides_profile, "no conversion profile 99 for slides"),
    ("producer role", "failed", lose_role, "knows no role WEBCAST_PRODUCER_DEVICE_ROLE"),
    (INGEST, "failed", refuse("liveStream.get", "ENTRY_ID_NOT_FOUND"), "Kaltura refused"),
    ("SRT", "warning", lose_srt, "no SRT address"),
    ("looks for recordings", "failed", failing_looks, "“Keynote”: Kaltura refused: No."),
    (
        "files of recordings",
        "warning",
        with_recording(harm=refuse("flavorAsset.list", "SERVICE_FORBIDDEN")),
        "does not tell the files of 0_videoone (SERVICE_FORBIDDEN)",
    ),
    (
        "files of recordings",
        "warning",
        with_recording(harm=lambda p: p.simulator.fault("flavorAsset.list", "lose_item")),
        "tells no file of 0_videoone",
    ),
    (
        "copies of recordings",
        "failed",
        with_recording(harm=no_copies),
        "refuses a copy of 0_videoone (HTTP 404)",
    ),
    ("REACH profile", "skipped", disable_reach, "no active REACH profile"),
    ("REACH profile", "failed", disable_wanted_reach, "no active REACH profile"),
    ("REACH credit", "warning", spend_credit, "has no credit left"),
    ("caption rules", "failed", want_greek, "Forum, “All”: Greek"),
    ("hidden captions", "warning", leave_captions_hidden, "somebody shows them: Forum, “All”"),
    ("reports", "failed", forbid("report.getTable"), "may not read reports"),
    ("report: engagement", "failed", lack_report(1), "REPORT_NOT_FOUND"),
    ("report: realtime", "failed", lack_report(2), "REPORT_NOT_FOUND"),
    ("report: highlights", "warning", lack_audience("report.getTotal", 0), "(40001)"),
    ("report: audience", "warning", lack_audience("report.getGraphs", 0), "(10005)"),
    ("report: attendees", "warning", lack_audience("report.getGraphs", 1), "(60014)"),
    ("report: timeline", "warning", lack_audience("report.getTable", 3), "(40011)"),
    ("report: platforms", "warning", lack_audience("report.getTable", 4), "(10004)"),
    ("report: participation", "warning", lack_audience("report.getTotal", 1), "(70001)"),
    (
        "report: participation",
        "skipped",
        setting(
            "KALTURA_FURTHER_REPORTS",
            frozenset({"engagement", "realtime", *REPORTS} - {"participation"}),
        ),
        "does not name “participation”",
    ),
    (
        "report: realtime",
        "skipped",
        setting("KALTURA_FURTHER_REPORTS", frozenset({"engagement", *REPORTS})),
        "does not name “realtime”",
    ),
    ("KAF", "failed", setting("KALTURA_KAF_URL", NOWHERE), "no connection"),
    ("KAF", "failed", unready_kaf, "not set up yet"),
    ("KAF signature", "failed", other_kaf, "refuses our signatures (HTTP 403)"),
    ("KAF signature", "failed", breaking_kaf, "HTTP 503"),
    ("privacy contexts", "failed", with_gallery(privacy=1), "the privacy of “Forum”"),
    ("privacy contexts", "failed", with_gallery(privacyContext="other"), "privacy of “Forum”"),
    ("privacy contexts", "warning", unguarded_gallery, "“Board”: not open to everybody"),
    ("privacy contexts", "warning", unguarded_player, "“Board”: not open to everybody, watched"),
    ("privacy contexts", "warning", one_context_twice, "“Board”, “Forum” have the same privacy"),
    ("KAF gallery", "failed", with_gallery("/hosted/index/nothing"), "“Forum” (HTTP 404)"),
    ("KAF gallery", "warning", two_tracks_of_one_name, "the gallery of “Ethics”, “Ethics” from"),
    ("Newrow through KAF", "failed", trouble_newrow, "HTTP 503"),
    ("Newrow directly", "failed", setting("NEWROW_API_TOKEN", "wrong"), "HTTP 401"),
    ("join tests", "warning", keep_viewers_out, "“Keynote”: Kaltura's page is refused"),
    ("alarm webhook", "failed", lose_alarm, "did not reach the webhook: HTTP 500"),
    ("alarm webhook", "skipped", no_alarm_webhook, "alarms go by mail"),
    ("webhook settings", "skipped", setting("KALTURA_WEBHOOK_SECRET", ""), "by the periodic sweep"),
    (
        "webhook settings",
        "failed",
        setting("KALTURA_WEBHOOK_SECRET", "e" * 32),
        "differs from KALTURA",
    ),
    ("webhook address", "failed", lambda p: p.site.statuses.pop(HOOK), "HTTP 404"),
    ("webhook templates", "warning", stop_notifications, "No active notification"),
    ("webhook templates", "warning", empty_notifications, "do not send the object as JSON"),
    (
        "webhook templates",
        "skipped",
        forbid("eventNotificationTemplate.list"),
        "does not let us list",
    ),
    ("background worker", "failed", dead_worker, "does not report on the worker"),
    ("scheduler", "failed", dead_scheduler, "is not running"),
]


def test_doctor_has_nothing_to_say_of_a_healthy_account(account):
    lines = look(account.settings)

    assert not_well(lines) == {}
    assert {line.fix for line in lines.values()} == {""}


def test_doctor_has_nothing_to_say_of_a_recording_that_can_be_watched(account):
    with_recording()(account)

    lines = look(account.settings)

    assert not_well(lines) == {}
    assert lines["copies of recordings"].seen == f"A copy of {VIDEO} can be downloaded."


@pytest.mark.parametrize(("name", "verdict", "harm", "seen"), CASES)
def test_one_broken_thing_turns_one_line_red(account, name, verdict, harm, seen):
    harm(account)

    lines = look(account.settings)

    waiting = dependents_of(name) if verdict in {"failed", "skipped"} else set()
    assert not_well(lines) == {name: verdict} | dict.fromkeys(waiting, "skipped")
    assert seen in lines[name].seen
    assert bool(lines[name].fix) == (verdict != "skipped")


def test_clock_far_ahead_explains_refused_signatures(account):
    move_clock(7200)(account)

    lines = look(account.settings)

    waiting = dependents_of("clock", "credentials") | {"credentials"}
    assert not_well(lines) == {"clock": "failed"} | dict.fromkeys(waiting, "skipped")
    assert "because “clock” failed" in lines["credentials"].seen


def test_account_that_does_not_tell_its_features_may_have_them(account):
    account.forbid("permission.list")

    lines = look(account.settings)

    assert not_well(lines) == dict.fromkeys(("live streaming", "recording"), "warning")
    assert lines["recording"].fix == "Ask Kaltura whether FEATURE_LIVE_STREAM_RECORD is enabled."


def test_site_that_kaltura_cannot_reach_is_told(account):
    account.settings.SITE_URL = "http://portal.invalid"

    lines = look(account.settings)

    assert not_well(lines) == dict.fromkeys(
        ("webhook settings", "webhook address", "webhook templates"), "warning"
    )
    assert lines["webhook settings"].seen == "SITE_URL is plain http (http://portal.invalid)."


# ------------------------------------------------------------------ application tokens
KAF_NEEDS_SECRET = {
    "settings": "warning",
    "producer role": "skipped",
    "player role": "skipped",
    INGEST: "skipped",
    "SRT": "skipped",
    "KAF signature": "skipped",
    "Newrow through KAF": "skipped",
    "copies of recordings": "skipped",
    "KAF gallery": "skipped",
}


def spoil_token(account: HealthyAccount) -> None:
    account.settings.KALTURA_APP_TOKEN = "0" * 32


def spoil_token_id(account: HealthyAccount) -> None:
    account.settings.KALTURA_APP_TOKEN_ID = "1_nosuchid"


def leave(account: HealthyAccount) -> None:
    """Nothing more to break."""


@pytest.mark.parametrize(
    ("fields", "harm", "verdict", "seen"),
    [
        ({}, leave, "ok", "accepts the application token of account 101"),
        ({}, spoil_token, "failed", "INVALID_APP_TOKEN_HASH"),
        ({}, spoil_token_id, "failed", "APP_TOKEN_ID_NOT_FOUND"),
        ({"sessionType": 0}, leave, "failed", "may not administer the account"),
        ({"sessionPrivileges": ""}, leave, "warning", "lacks the privilege disableentitlement"),
        ({"sessionUserId": "somebody"}, leave, "warning", "acts as “somebody”"),
    ],
)
def test_application_token_and_its_quirks(account, fields, harm, verdict, seen):
    account.use_app_token(**fields)
    harm(account)

    lines = look(account.settings)

    waiting = dependents_of("credentials") if verdict == "failed" else set()
    found = {} if verdict == "ok" else {"credentials": verdict}
    assert not_well(lines) == found | KAF_NEEDS_SECRET | dict.fromkeys(waiting, "skipped")
    assert seen in lines["credentials"].seen


def test_no_credentials_at_all_names_the_settings(account):
    account.settings.KALTURA_ADMIN_SECRET = ""

    line = look(account.settings)["credentials"]

    assert (line.verdict, line.seen) == (
        "failed",
        "Set KALTURA_ADMIN_SECRET, or KALTURA_APP_TOKEN_ID and KALTURA_APP_TOKEN.",
    )


def test_role_with_too_little_is_named_permission_by_permission(account, monkeypatch):
    """A session with the producer's role: it may change live streams and little else."""
    secret, user = account.settings.KALTURA_ADMIN_SECRET, account.settings.KALTURA_USER_ID
    weak = at_kaltura(
        lambda c: c.session.start(secret, user, 2, 101, 600, "setrole:WEBCAST_PRODUCER_DEVICE_ROLE")
    )
    monkeypatch.setattr(ks, "sync_admin_ks", lambda: weak)
    run = DoctorRun()
    run.kaltura = Kaltura()

    found = check_permissions(run)

    may_not = ["see schedule events", "see schedule resources"]
    may_not += [what for name, what in NEEDED.items() if name != "LIVE_STREAM_UPDATE"]
    may_not += ["set the access control of simulives"]
    assert found.seen == f"Our session may not {', '.join(may_not)}."
