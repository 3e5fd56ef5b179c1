"""Addresses that show nobody a page, by URL name, and what they are instead."""

from __future__ import annotations

from typing import Final

_FILE = "a file"
_FEED = "a feed for other programs"
_POSTED = "takes forms only, and leads back to a page"

SITE: Final = {
    **dict.fromkeys(("health-live", "health-ready", "metrics"), "for machines"),
    "kaltura:webhook": "for Kaltura",
    "kaltura:frame": "leads into Kaltura's own page; its refusals are those of kaltura:join",
    "kaltura:gallery_frame": "leads into Kaltura's gallery; its refusals are those of the page",
    "kaltura:gallery_frame_of_track": "the same of a track",
    "kaltura:recording_file": "leads to a file at Kaltura",
    "kaltura:live_state": "answers a script of the live desk",
    "kaltura:live_studio_launch": "hands the browser an address that opens a program",
    "kaltura:live_preview": "the player in a frame of the live desk",
    "kaltura:live_moderator_open": "leads to Kaltura's page for moderators",
    **dict.fromkeys(
        ("kaltura:ticket", "kaltura:on_air", "kaltura:plays", "kaltura:here"),
        "answers a script of the join page",
    ),
    "kaltura:captions_file": _FILE,
    "analytics:presence": "answers a script of the join page",
    "kaltura:main_stage_state": "answers a script of the main stage",
    **dict.fromkeys(("events:service_worker", "events:widget_script"), "a script"),
    **dict.fromkeys(("events:theme", "events:app_manifest", "events:app_icon"), _FILE),
    **dict.fromkeys(("events:picture", "events:preview", "events:profile_picture"), _FILE),
    **dict.fromkeys(("events:session_preview", "events:speaker_preview"), _FILE),
    **dict.fromkeys(("events:document", "analytics:my_data_file"), _FILE),
    **dict.fromkeys(("analytics:certificate_pdf", "mfa_download_recovery_codes"), _FILE),
    **dict.fromkeys(("events:agenda_ics", "events:session_ics", "events:speaker_ics"), _FEED),
    **dict.fromkeys(("events:personal_ics", "events:schedule_xml"), _FEED),
    **dict.fromkeys(("events:schedule_json", "events:changes_atom"), _FEED),
    **dict.fromkeys(("events:bookmark", "events:session_place", "events:count_stars"), _POSTED),
    **dict.fromkeys(("events:change_feed", "events:change_sharing"), _POSTED),
    **dict.fromkeys(("events:merge_early_stars", "events:change_push"), _POSTED),
    "analytics:answer_consent": _POSTED,
    "mfa_login_webauthn": "answers a script of the sign-in page",
    "openid_connect_login": "leads to the provider; its page is in trouble_pages.py",
    "openid_connect_callback": "where the provider leads back to",
    "socialaccount_signup": "leads on: accounts are made without a further question",
}

ADMIN: Final = {
    **dict.fromkeys(
        ("admin:events_event_planner_board", "admin:events_event_planner_check"),
        "answers a script of the planner",
    ),
    **dict.fromkeys(
        (f"admin:events_event_planner_{name}" for name in ("edits", "undo", "redo")),
        "answers a script of the planner",
    ),
    "admin:events_event_planner_add": _POSTED,
    "admin:jsi18n": "a script",
    "admin:autocomplete": "answers a script, where a form asks for it",
    "admin:login": "leads to the portal's own sign-in page",
    "admin:logout": _POSTED,
    "admin:view_on_site": "leads to the page of the site",
    **dict.fromkeys(
        (
            f"admin:analytics_{about}_{kind}"
            for about in ("event", "session")
            for kind in ("csv", "xlsx", "pdf")
        ),
        _FILE,
    ),
    "admin:analytics_file": _FILE,
    **dict.fromkeys(("admin:analytics_file_cancel", "admin:analytics_file_plan"), _POSTED),
    "admin:analytics_preset_delete": _POSTED,
    **dict.fromkeys(
        (f"admin:kaltura_bridge_joining_{of}" for of in ("registration", "speaker", "account")),
        "leads to admin:kaltura_bridge_joining",
    ),
    **dict.fromkeys(
        ("admin:kaltura_bridge_recordings_bulk", "admin:kaltura_bridge_recording_look"), _POSTED
    ),
    "admin:kaltura_bridge_recording_part": "takes what a script of the upload sends",
    "admin:kaltura_bridge_of_event": "leads to the dashboard of the event",
    "admin:kaltura_bridge_plan_progress": "answers a script of the page of the plan",
    **dict.fromkeys(
        ("admin:kaltura_bridge_control_rooms_state", "admin:kaltura_bridge_control_room_state"),
        "answers a script of the control room",
    ),
    "admin:kaltura_bridge_progress": "a fragment that a page asks for",
    "admin:analytics_file_rows": "a fragment that a page asks for",
    "admin:analytics_eventreport_change": "leads to admin:analytics_event_report",
}
