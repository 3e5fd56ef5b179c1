"""Every door of the portal, and who is let in.

This is the rule book that the matrix holds the portal to, and what docs/permissions.md is
written from. A door is an address and a method; ``expect`` says what each person is
answered there, for each kind of object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from analytics.privacy.modes import rules_of
from tests.permissions.people import (
    ANALYSTS,
    BELONG,
    DRAFT_SESSION,
    HELPERS,
    KINDS,
    NOBODY,
    OWNERS,
    PLANNERS,
    RUNNERS,
    SIGNED_IN,
    STAFF,
    SUPERUSERS,
    TEAM,
    Kind,
    Role,
)
from tests.permissions.world import Place, World

Expect = Callable[[Role, Kind], str]

# What somebody is answered. OPEN: the page, or what a form leads to.
OPEN, SIGN_IN, FORBIDDEN, MISSING, WRONG_METHOD = "open", "sign in", "403", "404", "405"
INDEX: Final = "index"  # Django's answer to what is not there: back to the first page, with a word.


@dataclass(frozen=True)
class Door:
    """An address and a method; ``about`` is what of a place it is about, empty for none."""

    section: str
    name: str
    expect: Expect
    method: str = "GET"
    about: str = ""
    args: Callable[[World, Place], list[Any]] = lambda world, place: []
    form: str = ""  # How the form is filled in: see asking.py.
    writes: Set[Role] = NOBODY  # Who may change what belongs to our events.

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of objects that make a difference here."""
        if not self.about:
            return (KINDS[0],)
        about_session = self.about not in {
            "event",
            "track",
            "plan",
            "registration",
            "waiting",
            "question",
            "invitation",
            "rule",
            "certificate",
            "caption_rule",
        }
        return tuple(kind for kind in KINDS if about_session or kind is not DRAFT_SESSION)


def everybody(role: Role, kind: Kind) -> str:
    return OPEN


def wrong_method(role: Role, kind: Kind) -> str:
    return WRONG_METHOD


def nobody(role: Role, kind: Kind) -> str:
    return FORBIDDEN


def missing(role: Role, kind: Kind) -> str:
    return MISSING


def visible(role: Role, kind: Kind) -> str:
    """What people may know of; all else is not there."""
    return OPEN if kind.seen_by(role) else MISSING


def signed_in(role: Role, kind: Kind) -> str:
    return SIGN_IN if role is Role.ANONYMOUS else OPEN


def signed_in_visible(role: Role, kind: Kind) -> str:
    return SIGN_IN if role is Role.ANONYMOUS else visible(role, kind)


def signed_in_or_missing(role: Role, kind: Kind) -> str:
    return SIGN_IN if role is Role.ANONYMOUS else MISSING


def superuser_or_missing(role: Role, kind: Kind) -> str:
    return OPEN if role is Role.SUPERUSER else MISSING


def admin(
    lists: Set[Role] = STAFF,
    sees: Set[Role] | None = None,
    opens: Set[Role] | None = None,
    *,
    hidden: str = INDEX,
    opened: str = OPEN,
    scoped: bool = True,
) -> Expect:
    """A page of the admin.

    ``lists``: who may open such pages at all. ``sees``: whose events they are about, others
    are answered ``hidden``; without ``scoped`` every row is there for everybody in ``lists``.
    ``opens``: which of them may do it.
    """

    def expect(role: Role, kind: Kind) -> str:
        if role not in STAFF:
            return SIGN_IN
        if role not in lists | SUPERUSERS:
            return FORBIDDEN
        if sees is not None and not (kind.has(role, sees) if scoped else kind.there):
            return hidden
        if opens is not None and role not in opens | SUPERUSERS:
            return FORBIDDEN
        return opened

    return expect


def closed(role: Role, kind: Kind) -> str:
    """For nobody, superusers included."""
    return FORBIDDEN if role in STAFF else SIGN_IN


# --- The site --------------------------------------------------------------------------


def site() -> Iterator[Door]:
    of_event = {"about": "event", "args": lambda world, place: [place.event.slug]}
    of_session = {
        "about": "session",
        "args": lambda world, place: [place.event.slug, place.session.slug],
    }
    of_speaker = {
        "about": "speaker",
        "args": lambda world, place: [place.event.slug, place.speaker.slug],
    }
    for name in ("home", "service_worker", "offline", "widget_script"):
        yield Door("Site", f"events:{name}", everybody)
    # Nobody is asked who they are there: what everybody may see.
    yield Door("Site", "events:widget", _seen_by_anybody, **of_event)
    for name in ("app_manifest", "app_icon"):
        yield Door("Site", f"events:{name}", visible, **of_event)
    for name in ("event", "theme", "agenda", "agenda_ics", "changes", "changes_atom"):
        yield Door("Site", f"events:{name}", visible, **of_event)
    # For messengers, who are nobody; pictures and documents by ids that nobody guesses.
    yield Door("Site", "events:preview", _seen_by_anybody, **of_event)
    yield Door("Site", "events:session_preview", _seen_by_anybody, **of_session)
    yield Door("Site", "events:speaker_preview", _seen_by_anybody, **of_speaker)
    of_nothing = lambda world, place: [place.event.slug, "0" * 40, 320]  # noqa: E731
    yield Door("Site", "events:picture", missing, about="event", args=of_nothing)
    yield Door(
        "Site",
        "events:document",
        missing,
        about="session",
        args=lambda world, place: [place.event.slug, place.session.slug, UUID(int=1)],
    )
    for name in ("schedule_xml", "schedule_json"):
        yield Door("Site", f"events:{name}", _schedule, **of_event)
    for name in ("session", "session_ics"):
        yield Door("Site", f"events:{name}", visible, **of_session)
    for name in ("speaker", "speaker_ics"):
        yield Door("Site", f"events:{name}", visible, **of_speaker)
    for name in ("register", "withdraw"):
        yield Door("Site", f"events:{name}", signed_in_visible, **of_event)
        yield Door("Site", f"events:{name}", signed_in_visible, "POST", **of_event)
    # As with calendars: whoever has the right link, and then only the person invited.
    unknown = {"args": lambda world, place: ["0" * 64]}
    yield Door("Site", "events:invitation", lambda role, kind: MISSING, **unknown)
    yield Door("Site", "events:session_place", _sign_in_first, **of_session)
    yield Door("Site", "events:session_place", signed_in_visible, "POST", **of_session)
    yield Door("Site", "events:feedback", signed_in_visible, **of_session)
    yield Door("Site", "events:feedback", signed_in_visible, "POST", **of_session)
    yield Door("Site", "events:count_stars", _sign_in_first)
    yield Door("Site", "events:count_stars", signed_in, "POST")
    yield Door("Site", "events:bookmark", wrong_method, **of_event)
    yield Door("Site", "events:bookmark", _bookmark, "POST", form="bookmark", **of_event)
    yield Door("Site", "events:my_agenda", signed_in)
    yield Door("Site", "analytics:my_data", signed_in)
    yield Door("Site", "analytics:my_data", signed_in, "POST")
    yield Door("Site", "analytics:my_data_file", signed_in)
    yield Door("Site", "analytics:answer_consent", _sign_in_first)
    yield Door("Site", "analytics:answer_consent", signed_in, "POST", form="consent")
    yield Door("Site", "events:change_feed", _sign_in_first)
    yield Door("Site", "events:change_feed", signed_in_visible, "POST", form="feed", about="event")
    yield Door("Site", "events:news_settings", signed_in)
    yield Door("Site", "events:news_settings", signed_in, "POST")
    yield Door("Site", "events:profile", signed_in)
    yield Door("Site", "events:profile", signed_in, "POST")
    # Of somebody of whom there is no picture, for everybody; test_profile.py has one.
    nobodys = {"args": lambda world, place: [UUID(int=0)]}
    yield Door("Site", "events:profile_picture", lambda role, kind: MISSING, **nobodys)
    # There is no key in the tests, so nobody turns them on.
    yield Door("Site", "events:change_push", _sign_in_first)
    yield Door("Site", "events:change_push", _no_browser, "POST")
    yield Door("Site", "events:change_sharing", _sign_in_first)
    yield Door("Site", "events:change_sharing", _sharing, "POST", form="feed", about="event")
    yield Door("Site", "events:merge_early_stars", _sign_in_first)
    yield Door("Site", "events:merge_early_stars", signed_in, "POST")
    guessed_link = {"args": lambda world, place: ["0" * 64]}
    yield Door("Site", "events:shared_agenda", lambda role, kind: MISSING, **guessed_link)
    off = {"args": lambda world, place: ["soon", "0" * 64]}
    yield Door("Site", "events:news_off", lambda role, kind: MISSING, **off)
    yield Door("Site", "events:news_off", lambda role, kind: MISSING, "POST", **off)
    # Whoever has the right token may read; nobody guesses one.
    guessed = {"args": lambda world, place: ["0" * 64]}
    yield Door("Site", "events:personal_ics", lambda role, kind: MISSING, **guessed)
    yield Door("Site", "analytics:my_certificates", signed_in)
    yield Door("Site", "analytics:my_certificates", signed_in, "POST", form="certificates")
    code = {"args": lambda world, place: ["00000-00000-00000-00000"]}
    yield Door("Site", "analytics:certificate", lambda role, kind: MISSING, **code)
    yield Door("Site", "analytics:certificate_pdf", signed_in_or_missing, **code)
    for name in ("join", "frame", "ticket", "tab"):
        yield Door("Site", f"kaltura:{name}", _room_door, **of_session)
    of_track = {
        "about": "session",
        "args": lambda world, place: [place.event.slug, place.track.slug],
    }
    for name in ("gallery", "gallery_frame"):
        yield Door("Site", f"kaltura:{name}", _gallery, **of_event)
        yield Door("Site", f"kaltura:{name}_of_track", _gallery, **of_track)
    for name in ("desk", "state"):
        yield Door("Site", f"kaltura:live_{name}", _desk, **of_session)
    for name in ("go_live", "cut", "extend", "end", "swap", "back"):
        yield Door("Site", f"kaltura:live_{name}", _producers_desk, **of_session)
        yield Door(
            "Site", f"kaltura:live_{name}", _producers_desk, "POST", writes=PLANNERS, **of_session
        )
    for name in ("live_ingest", "live_studio"):
        yield Door("Site", f"kaltura:{name}", _producers_desk, **of_session)
    yield Door("Site", "kaltura:live_moderator", _moderators_desk, **of_session)
    yield Door("Site", "kaltura:live_ingest", _producers_desk, "POST", **of_session)
    for name, expect in (
        ("live_studio_launch", _producers_desk),
        ("live_preview", _producers_desk),
        ("live_moderator_open", _moderators_desk),
    ):
        yield Door("Site", f"kaltura:{name}", wrong_method, **of_session)
        yield Door("Site", f"kaltura:{name}", expect, "POST", **of_session)
    yield Door("Site", "kaltura:check", visible, **of_session)
    # None of these sessions has a recording; tests/kaltura_bridge/captions has one.
    yield Door("Site", "kaltura:transcript", missing, **of_session)
    yield Door(
        "Site",
        "kaltura:captions_file",
        missing,
        about="session",
        args=lambda world, place: [place.event.slug, place.session.slug, 1, "vtt"],
    )
    of_track = {
        "about": "track",
        "args": lambda world, place: [place.event.slug, place.track.slug],
    }
    for name in ("main_stage", "main_stage_state"):
        yield Door("Site", f"kaltura:{name}", visible, **of_track)
    yield Door("Site", "kaltura:here", wrong_method, **of_session)
    yield Door("Site", "kaltura:here", _not_inside, "POST", **of_session)
    # It answers a signed word of a join page, and nobody guesses one.
    yield Door("Site", "kaltura:recordings", visible, **of_event)
    # The session is not over, and nothing of it was recorded.
    yield Door("Site", "kaltura:recording_file", missing, **of_session)
    yield Door("Site", "kaltura:on_air", missing, **of_session)
    yield Door("Site", "kaltura:plays", missing, **of_session)
    # None of these events asks people to be noted, and then there is nothing to say.
    yield Door("Site", "analytics:presence", wrong_method, **of_session)
    yield Door("Site", "analytics:presence", lambda role, kind: MISSING, "POST", **of_session)


def _seen_by_anybody(role: Role, kind: Kind) -> str:
    """The same to everybody, whoever asks."""
    return OPEN if kind.seen_by(Role.ANONYMOUS) else MISSING


def _no_browser(role: Role, kind: Kind) -> str:
    return SIGN_IN if role is Role.ANONYMOUS else "400"


def _bookmark(role: Role, kind: Kind) -> str:
    """Whoever sees the event is asked to sign in."""
    found = visible(role, kind)
    return SIGN_IN if found == OPEN and role is Role.ANONYMOUS else found


def _schedule(role: Role, kind: Kind) -> str:
    """Schedules go to other programs, so there is none of a draft, for the team neither."""
    return MISSING if kind.draft else visible(role, kind)


def _sign_in_first(role: Role, kind: Kind) -> str:
    return SIGN_IN if role is Role.ANONYMOUS else WRONG_METHOD


def _sharing(role: Role, kind: Kind) -> str:
    """Whoever sees an event may share their stars, if everybody sees it."""
    if role is Role.ANONYMOUS:
        return SIGN_IN
    return OPEN if kind.seen_by(Role.ANONYMOUS) else MISSING


def _not_inside(role: Role, kind: Kind) -> str:
    """None of these people came into a room, and that is all that is said of any."""
    return FORBIDDEN if role is Role.ANONYMOUS else "410"


def _room_door(role: Role, kind: Kind) -> str:
    """Who may know of a session is told whether its room is open; events/access.py decides."""
    return "told" if kind.seen_by(role) else MISSING


def _gallery(role: Role, kind: Kind) -> str:
    """As the agenda; then whoever may enter sees the gallery, or the agenda in its place."""
    if not kind.seen_by(role):
        return MISSING
    return OPEN if kind.has(role, BELONG) else FORBIDDEN


def _desk(role: Role, kind: Kind) -> str:
    """The live desk is there for those who run the session, and for nobody else."""
    return OPEN if kind.seen_by(role) and kind.has(role, RUNNERS) else MISSING


def _producers_desk(role: Role, kind: Kind) -> str:
    return OPEN if kind.has(role, PLANNERS) else MISSING


def _moderators_desk(role: Role, kind: Kind) -> str:
    """What speakers do not find at the desk, and moderators do."""
    return MISSING if role is Role.SPEAKER else _desk(role, kind)


# --- Signing in ----------------------------------------------------------------------------


def accounts() -> Iterator[Door]:
    for name in ("login", "login_password", "signup", "reset_password", "request_login_code"):
        yield Door("Accounts", f"account_{name}", everybody)
    for name in ("logout", "inactive", "password_reset_completed"):
        yield Door("Accounts", f"account_{name}", everybody)
    for name in ("email", "change_password", "set_password"):
        yield Door("Accounts", f"account_{name}", signed_in)
    yield Door("Accounts", "account_reauthenticate", _who_has_no_password)
    for name in ("mfa_reauthenticate", "mfa_reauthenticate_webauthn"):
        yield Door("Accounts", name, _who_has_no_password)
    for name in ("mfa_index", "mfa_activate_totp", "mfa_list_webauthn", "mfa_add_webauthn"):
        yield Door("Accounts", name, signed_in)
    for name in ("mfa_generate_recovery_codes", "usersessions_list", "socialaccount_connections"):
        yield Door("Accounts", name, signed_in)
    # What somebody has not set up is not there to be shown or ended.
    for name in ("mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_download_recovery_codes"):
        yield Door("Accounts", name, _who_has_none)
    for name in ("mfa_remove_webauthn", "mfa_edit_webauthn"):
        yield Door("Accounts", name, _who_has_none, args=lambda world, place: [1])
    for name in ("mfa_authenticate", "mfa_login_webauthn"):
        yield Door("Accounts", name, _signed_in_or_back)
    yield Door("Accounts", "socialaccount_login_cancelled", everybody)
    yield Door("Accounts", "socialaccount_login_error", lambda role, kind: "401")
    yield Door("Accounts", "socialaccount_signup", lambda role, kind: SIGN_IN)
    for name in ("openid_connect_login", "openid_connect_callback"):
        yield Door("Accounts", name, lambda role, kind: MISSING, args=lambda world, place: ["sso"])
    # Without a code that is pending, each leads back to where one begins.
    yield Door("Accounts", "account_confirm_login_code", _signed_in_or_back)
    yield Door("Accounts", "account_email_verification_sent", _signed_in_or_back)
    yield Door("Accounts", "account_confirm_password_reset_code", lambda role, kind: SIGN_IN)
    yield Door("Accounts", "account_complete_password_reset", everybody)


def _who_has_no_password(role: Role, kind: Kind) -> str:
    return SIGN_IN if role is Role.ANONYMOUS else FORBIDDEN


def _who_has_none(role: Role, kind: Kind) -> str:
    return SIGN_IN if role is Role.ANONYMOUS else MISSING


def _signed_in_or_back(role: Role, kind: Kind) -> str:
    return OPEN if role in SIGNED_IN else SIGN_IN


# --- Operations ------------------------------------------------------------------------------


def operations() -> Iterator[Door]:
    yield Door("Operations", "health-live", everybody)
    yield Door("Operations", "health-ready", everybody)
    yield Door("Operations", "metrics", superuser_or_missing)
    yield Door("Operations", "kaltura:webhook", wrong_method)
    yield Door("Operations", "kaltura:webhook", nobody, "POST", form="webhook")


# --- The admin -------------------------------------------------------------------------------


def admin_itself() -> Iterator[Door]:
    for name in ("index", "jsi18n", "password_change", "password_change_done"):
        yield Door("Admin", f"admin:{name}", admin())
    yield Door("Admin", "admin:login", _admin_login)
    yield Door("Admin", "admin:logout", _admin_logout)
    yield Door("Admin", "admin:autocomplete", closed)
    for label, may in (
        ("events", TEAM),
        ("kaltura_bridge", PLANNERS),
        ("analytics", ANALYSTS),
        ("account", NOBODY),
    ):
        yield Door(
            f"Admin: {label}",
            "admin:app_list",
            _app_list(may),
            args=lambda world, place, label=label: [label],
        )
    for about, sees in (("event", TEAM), ("session", TEAM), ("speaker", TEAM)):
        yield Door(
            "Admin",
            "admin:view_on_site",
            admin(STAFF, sees, hidden=MISSING),
            about=about,
            args=lambda world, place, about=about: [
                world.content_types[type(getattr(place, about))],
                getattr(place, about).pk,
            ],
        )


def _admin_login(role: Role, kind: Kind) -> str:
    if role is Role.ANONYMOUS:
        return SIGN_IN
    return INDEX if role in STAFF else FORBIDDEN


def _admin_logout(role: Role, kind: Kind) -> str:
    return WRONG_METHOD if role in STAFF else INDEX


def _app_list(may: Set[Role]) -> Expect:
    def expect(role: Role, kind: Kind) -> str:
        found = admin()(role, kind)
        return MISSING if found == OPEN and role not in may | SUPERUSERS else found

    return expect


@dataclass(frozen=True)
class Model:
    """What may be done with one table in Django's own pages of it."""

    name: str  # As in the URL names: app_model.
    about: str
    view: Set[Role]
    add: Set[Role] = NOBODY
    change: Set[Role] = NOBODY
    delete: Set[Role] = NOBODY
    scoped: bool = True
    superusers: str = "view"  # The most that superusers may do: view, change, delete, or all.


MODELS: Final = (
    Model("events_event", "event", TEAM, NOBODY, PLANNERS, OWNERS, superusers="all"),
    Model("events_session", "session", TEAM, PLANNERS, PLANNERS, PLANNERS, superusers="all"),
    Model("events_speaker", "speaker", TEAM, PLANNERS, PLANNERS, PLANNERS, superusers="all"),
    Model(
        "events_registration",
        "registration",
        PLANNERS,
        PLANNERS,
        PLANNERS,
        PLANNERS,
        superusers="all",
    ),
    Model(
        "events_waitinglistentry",
        "waiting",
        PLANNERS,
        delete=PLANNERS,
        superusers="delete",
    ),
    Model("events_sessionplace", "place", PLANNERS, delete=PLANNERS, superusers="delete"),
    Model(
        "events_signupquestion",
        "question",
        PLANNERS,
        PLANNERS,
        PLANNERS,
        PLANNERS,
        superusers="all",
    ),
    Model(
        "events_invitation",
        "invitation",
        PLANNERS,
        change=PLANNERS,
        superusers="change",
    ),
    Model("events_sessionfeedback", "feedback", PLANNERS, delete=PLANNERS, superusers="delete"),
    Model("events_user", "user", NOBODY, scoped=False, superusers="all"),
    Model("events_outgoingmail", "mail", PLANNERS),
    Model("events_restingaddress", "resting", NOBODY, scoped=False, superusers="all"),
    Model("account_emailaddress", "address", NOBODY, scoped=False, superusers="all"),
    Model("kaltura_bridge_synctarget", "target", PLANNERS),
    Model("kaltura_bridge_account", "account", NOBODY, scoped=False),
    Model("kaltura_bridge_vendorjob", "vendor_job", NOBODY, scoped=False),
    Model("analytics_eventreport", "event", ANALYSTS),
    Model("analytics_pullrun", "pull", ANALYSTS),
    Model("analytics_sessionpull", "session_pull", ANALYSTS),
    Model("analytics_rejectedrow", "rejected", ANALYSTS),
    Model("analytics_coverage", "coverage", ANALYSTS),
    Model("analytics_roomrun", "room_run", ANALYSTS),
    Model("analytics_stay", "stay", ANALYSTS),
    Model("analytics_erasurereceipt", "receipt", NOBODY, scoped=False),
    Model("analytics_viewertotal", "total", ANALYSTS),
    Model("analytics_rundecision", "run_decision", ANALYSTS),
    Model("analytics_personlink", "person_link", ANALYSTS),
    Model("analytics_markedtester", "tester", ANALYSTS),
)
# Rows that are about no event, or were none's own: only superusers see them.
_APPS: Final = ("events", "account", "kaltura_bridge", "analytics")
_SINGLE: Final = {"receipt", "account", "resting", "vendor_job"}


def admin_of(model: Model) -> Iterator[Door]:
    section = (
        f"Admin: {model.name.split('_', 1)[0] if 'bridge' not in model.name else 'kaltura_bridge'}"
    )
    name = f"admin:{model.name}"
    row = {
        "about": "" if model.about in _SINGLE else model.about,
        "args": lambda world, place: [world.row(place, model.about).pk],
    }
    listed = admin(model.view)
    yield Door(section, f"{name}_changelist", listed)
    changed = admin(model.change, model.view, model.change, scoped=model.scoped)
    deleted = admin(model.delete, model.view, model.delete, scoped=model.scoped)
    added = admin(model.add)
    if model.superusers != "all":
        added = closed
    if model.superusers not in {"all", "change"}:
        changed = closed
    if model.superusers not in {"all", "delete"}:
        deleted = closed
    # The page of a sync target answers alike, whoever asks in whichever way.
    opened = admin(
        STAFF if model.about == "target" else model.view, model.view, scoped=model.scoped
    )
    if model.about == "target":
        changed = opened
    if model.about == "rejected":
        deleted = admin(NOBODY, NOBODY)
    gone = admin(NOBODY, NOBODY, opened=INDEX) if model.about == "rejected" else deleted
    yield Door(section, f"{name}_add", added)
    yield Door(section, f"{name}_add", added, "POST", form="add", writes=model.add)
    yield Door(section, f"{name}_change", opened, **row)
    yield Door(
        section, f"{name}_change", changed, "POST", form="change", writes=model.change, **row
    )
    yield Door(section, f"{name}_history", _history(model), **row)
    yield Door(section, f"{name}_delete", deleted, **row)
    yield Door(section, f"{name}_delete", gone, "POST", form="delete", writes=model.delete, **row)


def _history(model: Model) -> Expect:
    return admin(model.view, model.view, scoped=model.scoped)


def all_doors() -> list[Door]:
    """In the order of the table."""
    return [
        *site(),
        *accounts(),
        *operations(),
        *admin_itself(),
        *(door for model in MODELS for door in admin_of(model)),
        *planning(),
        *bridge(),
        *reports(),
        *actions(),
    ]


def _by_pk(about: str) -> dict[str, Any]:
    return {"about": about, "args": lambda world, place: [getattr(place, about).pk]}


def planning() -> Iterator[Door]:
    for name in ("clone", "move", "invite", "widget"):
        url = f"admin:events_event_{name}"
        yield Door("Admin: events", url, admin(TEAM, TEAM, PLANNERS), **_by_pk("event"))
        yield Door(
            "Admin: events",
            url,
            admin(PLANNERS, TEAM),
            "POST",
            form="same",
            writes=PLANNERS,
            **_by_pk("event"),
        )
    yield from planner()
    yield Door(
        "Admin: events",
        "admin:auth_user_password_change",
        admin(NOBODY, hidden=MISSING, sees=NOBODY, scoped=False),
        about="user",
        args=lambda world, place: [world.row(place, "user").pk],
    )


def planner() -> Iterator[Door]:
    """The planner of an event, and what its script asks."""
    section, url, event = "Admin: events", "admin:events_event_planner", _by_pk("event")
    for name in ("", "_board", "_move", "_settings", "_late", "_receipt"):
        yield Door(section, f"{url}{name}", admin(TEAM, TEAM, PLANNERS), **event)
    for name in ("_move", "_settings", "_late", "_receipt"):
        posted = admin(PLANNERS, TEAM)
        yield Door(section, f"{url}{name}", posted, "POST", form="same", writes=PLANNERS, **event)
    # Nothing is asked, so nothing is answered.
    yield Door(section, f"{url}_check", admin(TEAM, TEAM, PLANNERS, opened="400"), **event)
    for name in ("_edits", "_undo", "_redo", "_add"):
        yield Door(
            section, f"{url}{name}", admin(TEAM, TEAM, PLANNERS, opened=WRONG_METHOD), **event
        )
        opened = "400" if name == "_edits" else OPEN
        yield Door(
            section,
            f"{url}{name}",
            admin(PLANNERS, TEAM, opened=opened),
            "POST",
            writes=PLANNERS,
            **event,
        )


def bridge() -> Iterator[Door]:
    section = "Admin: kaltura_bridge"
    for name in ("checkup_changelist", "orphanscan_changelist"):
        yield Door(section, f"admin:kaltura_bridge_{name}", admin(NOBODY))
    for name in ("checkup_run", "orphans_look", "orphans_delete"):
        url = f"admin:kaltura_bridge_{name}"
        yield Door(section, url, admin(NOBODY, opened=WRONG_METHOD))
        missing = MISSING if name == "orphans_delete" else OPEN
        yield Door(section, url, admin(NOBODY, opened=missing), "POST")
    for name in ("dashboard", "progress", "retry_kind"):
        yield Door(section, f"admin:kaltura_bridge_{name}", admin(PLANNERS))
    yield Door(section, "admin:kaltura_bridge_retry_kind", admin(PLANNERS), "POST", writes=PLANNERS)
    helps = admin(STAFF, HELPERS, hidden=MISSING)
    joining = "admin:kaltura_bridge_joining"
    yield Door(section, joining, helps, **_by_pk("session"))
    yield Door(section, "admin:kaltura_bridge_devices", helps, **_by_pk("event"))
    control = "admin:kaltura_bridge_control_room"
    for end in ("", "_state"):
        # Whoever runs no event finds it empty.
        yield Door(section, f"{control}s{end}", admin(STAFF))
        yield Door(section, f"{control}{end}", helps, **_by_pk("event"))
    posted = admin(STAFF, HELPERS, hidden=MISSING, opened=WRONG_METHOD)
    yield Door(section, "admin:kaltura_bridge_join_test", posted, **_by_pk("session"))
    yield Door(
        section,
        "admin:kaltura_bridge_join_test",
        helps,
        "POST",
        writes=HELPERS,
        **_by_pk("session"),
    )
    own = admin(STAFF, PLANNERS, hidden=MISSING)
    yield Door(section, f"{joining}_registration", own, **_by_pk("registration"))
    yield Door(section, f"{joining}_speaker", helps, **_by_pk("speaker"))
    yield Door(
        section,
        f"{joining}_account",
        admin(NOBODY, hidden=MISSING, sees=NOBODY, scoped=False),
        about="user",
        args=lambda world, place: [world.row(place, "user").pk],
    )
    yield Door(section, "admin:kaltura_bridge_of_event", own, **_by_pk("event"))
    yield Door(section, "admin:kaltura_bridge_plan", own, **_by_pk("event"))
    yield Door(
        section, "admin:kaltura_bridge_plan", own, "POST", writes=PLANNERS, **_by_pk("event")
    )
    yield from recordings(section)
    yield Door(section, "admin:kaltura_bridge_plan_progress", own, **_by_pk("plan"))
    for name, about, writes in (
        ("captions", "event", NOBODY),
        ("captions_session", "session", NOBODY),
        ("caption_track", "caption_track", NOBODY),
        ("caption_rule_add", "event", PLANNERS),
        ("caption_rule", "caption_rule", PLANNERS),
    ):
        url = f"admin:kaltura_bridge_{name}"
        yield Door(section, url, own, **_by_pk(about))
        if name not in ("captions", "caption_track"):
            yield Door(section, url, own, "POST", form="same", writes=writes, **_by_pk(about))
    posted = admin(STAFF, PLANNERS, hidden=MISSING, opened=WRONG_METHOD)
    yield Door(section, "admin:kaltura_bridge_captions_read", posted, **_by_pk("event"))
    yield Door(section, "admin:kaltura_bridge_captions_read", own, "POST", **_by_pk("event"))
    wish = "admin:kaltura_bridge_caption_wish"
    yield Door(section, wish, posted, **_by_pk("caption_order"))
    yield Door(section, wish, own, "POST", form="abort", writes=PLANNERS, **_by_pk("caption_order"))
    show = "admin:kaltura_bridge_caption_show"
    yield Door(section, show, posted, **_by_pk("caption_track"))
    yield Door(section, show, own, "POST", form="show", writes=PLANNERS, **_by_pk("caption_track"))
    for name, about in (("plan_apply", "plan"), ("retry", "target")):
        url = f"admin:kaltura_bridge_{name}"
        yield Door(section, url, posted, **_by_pk(about))
        yield Door(section, url, own, "POST", writes=PLANNERS, **_by_pk(about))
    for verb in ("push", "adopt", "ignore", "recreate", "unlink", "relink"):
        choice = {
            "about": "link",
            "args": lambda world, place, verb=verb: [place.target.pk, place.link.pk, verb],
        }
        url = "admin:kaltura_bridge_choice"
        yield Door(section, url, own, **choice)
        yield Door(section, url, own, "POST", form="same", writes=PLANNERS, **choice)


def recordings(section: str) -> Iterator[Door]:
    """The recordings desk, for those who plan the event."""
    own = admin(STAFF, PLANNERS, hidden=MISSING)
    posted = admin(STAFF, PLANNERS, hidden=MISSING, opened=WRONG_METHOD)
    yield Door(section, "admin:kaltura_bridge_recordings", own, **_by_pk("event"))
    bulk, look = "admin:kaltura_bridge_recordings_bulk", "admin:kaltura_bridge_recording_look"
    yield Door(section, bulk, posted, **_by_pk("event"))
    yield Door(section, bulk, own, "POST", **_by_pk("event"))
    yield Door(section, "admin:kaltura_bridge_recording_session", own, **_by_pk("session"))
    yield Door(section, look, posted, **_by_pk("session"))
    upload, part = "admin:kaltura_bridge_recording_upload", "admin:kaltura_bridge_recording_part"
    refused = admin(STAFF, PLANNERS, hidden=MISSING, opened="400")
    yield Door(section, upload, own, **_by_pk("session"))
    yield Door(section, upload, refused, "POST", **_by_pk("session"))
    none = {"about": "session", "args": lambda world, place: [place.session.pk, UUID(int=1)]}
    yield Door(section, part, posted, **none)
    lost = admin(STAFF, PLANNERS, hidden=MISSING, opened=MISSING)
    yield Door(section, part, lost, "POST", **none)
    yield Door(section, look, own, "POST", writes=PLANNERS, **_by_pk("session"))
    for slug in ("publish", "hide", "choose", "clip", "trim", "link"):
        action = {
            "about": "session",
            "args": lambda world, place, slug=slug: [place.session.pk, slug],
        }
        url = "admin:kaltura_bridge_recording_action"
        yield Door(section, url, own, **action)
        yield Door(section, url, own, "POST", form="same", writes=PLANNERS, **action)


def reports() -> Iterator[Door]:
    section, own = "Admin: analytics", admin(STAFF, ANALYSTS, hidden=MISSING)
    for about in ("event", "session"):
        for name in ("report", "csv", "xlsx", "pdf"):
            yield Door(section, f"admin:analytics_{about}_{name}", own, **_by_pk(about))
    person = "admin:analytics_person_report"
    yield Door(section, person, own, about="event", args=_person_at_event)
    # One's own events, for moderators none.
    for name in ("across", "comparison"):
        yield Door(section, f"admin:analytics_{name}", admin())
    files = "admin:analytics_event_files"
    yield Door(section, files, own, **_by_pk("event"))
    yield Door(section, files, own, "POST", writes=ANALYSTS, **_by_pk("event"))
    # Whoever asked for a file takes it; nobody guesses one.
    guessed = {"about": "event", "args": lambda world, place: [place.event.pk, UUID(int=1)]}
    yield Door(section, "admin:analytics_file_rows", own, **_by_pk("event"))
    for name in ("plan_file", "presets"):
        url = f"admin:analytics_{name}"
        yield Door(section, url, own, **_by_pk("event"))
        yield Door(section, url, own, "POST", form="same", writes=ANALYSTS, **_by_pk("event"))
    for name in ("file", "file_cancel", "file_plan", "preset_delete"):
        yield Door(section, f"admin:analytics_{name}", _somebodys_file, **guessed)
        yield Door(section, f"admin:analytics_{name}", _somebodys_file, "POST", **guessed)
    privacy = "admin:analytics_event_privacy"
    change = admin(STAFF, ANALYSTS, PLANNERS, hidden=MISSING)
    yield Door(section, privacy, own, **_by_pk("event"))
    yield Door(section, privacy, change, "POST", form="same", writes=PLANNERS, **_by_pk("event"))
    yield from credits(own, change)
    yield Door(section, "admin:analytics_retention", admin())
    erase = "admin:analytics_erase_person"
    forget = admin(NOBODY, hidden=MISSING, sees=NOBODY, scoped=False)
    person = {"about": "user", "args": lambda world, place: [world.row(place, "user").pk]}
    yield Door(section, erase, forget, **person)
    yield Door(section, erase, forget, "POST", **person)
    yield Door(section, "admin:analytics_matching", own, **_by_pk("event"))
    yield Door(section, "admin:analytics_matching_run", own, **_by_pk("room_run"))
    yield Door(
        section,
        "admin:analytics_matching_run",
        own,
        "POST",
        form="same",
        writes=ANALYSTS,
        **_by_pk("room_run"),
    )
    for name, about in (
        ("link", "event"),
        ("tester", "event"),
        ("pull", "event"),
        ("undo_run", "run_decision"),
        ("undo_link", "person_link"),
        ("undo_tester", "tester"),
    ):
        url = f"admin:analytics_matching_{name}"
        yield Door(section, url, admin(opened=WRONG_METHOD), **_by_pk(about))
        yield Door(section, url, own, "POST", writes=ANALYSTS, **_by_pk(about))
    pull = "admin:analytics_session_pull"
    yield Door(section, pull, admin(opened=WRONG_METHOD), **_by_pk("session"))
    yield Door(section, pull, own, "POST", writes=ANALYSTS, **_by_pk("session"))


def credits(own: Expect, change: Expect) -> Iterator[Door]:
    section = "Admin: analytics"
    plan = {"form": "same", "writes": PLANNERS}
    yield Door(section, "admin:analytics_event_credits", own, **_by_pk("event"))
    yield Door(section, "admin:analytics_event_credits", change, "POST", **plan, **_by_pk("event"))
    yield Door(section, "admin:analytics_credit_list", own, **_by_pk("rule"))
    yield Door(section, "admin:analytics_credit_rule", own, **_by_pk("rule"))
    yield Door(section, "admin:analytics_credit_rule", change, "POST", **plan, **_by_pk("rule"))
    person = {
        "about": "rule",
        "args": lambda world, place: [place.rule.pk, place.registration.user.pk],
    }
    decides = {"form": "same", "writes": ANALYSTS}
    yield Door(section, "admin:analytics_credit_person", own, **person)
    yield Door(section, "admin:analytics_credit_person", own, "POST", **decides, **person)
    posted = admin(opened=WRONG_METHOD)
    for name, about in (("issue", "rule"), ("revoke", "certificate")):
        url = f"admin:analytics_credit_{name}"
        yield Door(section, url, posted, **_by_pk(about))
        yield Door(section, url, own, "POST", writes=ANALYSTS, **_by_pk(about))


def _person_at_event(world: World, place: Place) -> list[Any]:
    """Somebody who has a place at the event."""
    user = place.registration.user
    return [place.event.pk, rules_of(place.event).pseudonym(str(user.uuid))]


def _somebodys_file(role: Role, kind: Kind) -> str:
    return MISSING if role in STAFF else SIGN_IN


# --- Actions on the rows of a list -------------------------------------------------------


_SYNC: Final = dict.fromkeys(("sync_now", "push_changes", "recreate"), PLANNERS)
#: Who is offered which action, by table; superusers are offered all of them.
ACTIONS: Final[dict[str, dict[str, Set[Role]]]] = {
    "events_event": {
        "publish_selected": PLANNERS,
        "cancel_selected": PLANNERS,
        **_SYNC,
        "delete_selected": OWNERS,
    },
    "events_session": {
        "publish_selected": PLANNERS,
        "move_selected": PLANNERS,
        "cancel_selected": PLANNERS,
        **_SYNC,
        "delete_selected": PLANNERS,
    },
    "events_speaker": {"delete_selected": PLANNERS},
    "events_registration": {
        "export_csv": PLANNERS,
        "export_xlsx": PLANNERS,
        "delete_selected": PLANNERS,
    },
    "events_waitinglistentry": {"delete_selected": PLANNERS},
    "events_invitation": {"send_again": PLANNERS, "revoke_selected": PLANNERS},
    "events_sessionplace": {"delete_selected": PLANNERS},
    "events_sessionfeedback": {
        "export_csv": PLANNERS,
        "export_xlsx": PLANNERS,
        "delete_selected": PLANNERS,
    },
    "events_user": {
        "remove_second_steps": NOBODY,
        "remove_pictures": NOBODY,
        "delete_selected": NOBODY,
    },
    "events_restingaddress": {"delete_selected": NOBODY},
    "account_emailaddress": {"make_verified": NOBODY, "delete_selected": NOBODY},
    "kaltura_bridge_synctarget": {
        "retry_selected": PLANNERS,
        "push_selected": PLANNERS,
        "recreate_selected": PLANNERS,
    },
    "analytics_rejectedrow": {"delete_selected": NOBODY},
    "analytics_erasurereceipt": {"ask_again": NOBODY},
}


def actions() -> Iterator[Door]:
    """Each is sent with the rows of every place chosen, whoever is offered it."""
    lists = {model.name: model.view for model in MODELS}
    for table, offered in ACTIONS.items():
        for action, roles in offered.items():
            yield Door(
                "Actions",
                f"admin:{table}_changelist",
                admin(lists[table]),
                "POST",
                form=f"action:{action}",
                writes=roles,
            )


# --- Commands ----------------------------------------------------------------------------


#: What each command is about. Whoever has a shell on the server is asked for nothing more.
COMMANDS: Final = {
    "attendance_retention": "every event: whose time for names is over; writes only with `--apply`",
    "export_agenda": "one event, drafts too: its programme",
    "export_attendance": "one event: names, addresses and times of those who were there",
    "import_agenda": "one event, or a new one; writes only with `--apply`",
    "kaltura_doctor": "the account and every setting; prints no secret",
    "kaltura_drift": "one event, and its objects at Kaltura",
    "kaltura_orphans": "the whole account; deletes nothing",
    "reach_vendor": "the vendor's account and the jobs of its customers; no event",
    "kaltura_plan": "one event, and its objects at Kaltura; changes nothing",
    "kaltura_simulator": "nothing of the portal",
    "kaltura_sync": "one event, and its objects at Kaltura",
    "note_bounce": "addresses that mail came back from; none are sent anything more",
    "web_push_keys": "a new key of notifications; no data",
    "pull_attendance": "one event, or all of them",
    "seed_demo": "makes demo data, in a database that holds none but its own",
}
