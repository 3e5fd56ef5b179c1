"""What of the events' own admin stands in the workspace."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from events.desk.sections import Section, WorkspacePage, list_of, page_of, register_page


def register() -> None:
    """Called once, before other apps add theirs."""
    for page in _PAGES:
        register_page(page)


_PAGES = (
    WorkspacePage(
        Section.OVERVIEW,
        _("Overview"),
        page_of("admin:events_event_overview"),
        "events.view_event",
        own=("events_event_overview",),
    ),
    WorkspacePage(
        Section.AGENDA,
        _("Planner"),
        page_of("admin:events_event_planner"),
        "events.plan_sessions",
        own=("events_event_planner",),
    ),
    WorkspacePage(
        Section.AGENDA,
        _("Unreleased changes"),
        page_of("admin:events_event_unreleased"),
        "events.change_event",
        own=("events_event_unreleased",),
    ),
    WorkspacePage(
        Section.AGENDA,
        _("Releases"),
        page_of("admin:events_event_releases"),
        "events.change_event",
        own=("events_event_release",),
    ),
    WorkspacePage(
        Section.SESSIONS,
        _("Sessions"),
        list_of("admin:events_session_changelist"),
        "events.view_session",
        own=("events_session_",),
    ),
    WorkspacePage(
        Section.SESSIONS,
        _("In and out"),
        page_of("admin:events_event_import"),
        "events.change_event",
        own=("events_event_import",),
    ),
    WorkspacePage(
        Section.SESSIONS,
        _("Feedback"),
        list_of("admin:events_sessionfeedback_changelist"),
        "events.view_sessionfeedback",
        own=("events_sessionfeedback_",),
    ),
    WorkspacePage(
        Section.PEOPLE,
        _("Speakers"),
        list_of("admin:events_speaker_changelist"),
        "events.view_speaker",
        own=("events_speaker_",),
    ),
    WorkspacePage(
        Section.PEOPLE,
        _("Profiles and changes"),
        page_of("admin:events_event_stage"),
        "events.change_event",
        own=("events_event_stage",),
    ),
    WorkspacePage(
        Section.REGISTRATIONS,
        _("Registrations"),
        list_of("admin:events_registration_changelist"),
        "events.view_registration",
        own=("events_registration_",),
    ),
    WorkspacePage(
        Section.REGISTRATIONS,
        _("Approval"),
        page_of("admin:events_event_coming"),
        "events.change_event",
        own=("events_event_coming",),
    ),
    WorkspacePage(
        Section.REGISTRATIONS,
        _("Waiting list"),
        list_of("admin:events_waitinglistentry_changelist"),
        "events.view_waitinglistentry",
        own=("events_waitinglistentry_",),
    ),
    WorkspacePage(
        Section.REGISTRATIONS,
        _("Places in sessions"),
        list_of("admin:events_sessionplace_changelist"),
        "events.view_sessionplace",
        own=("events_sessionplace_",),
    ),
    WorkspacePage(
        Section.REGISTRATIONS,
        _("Invitations"),
        list_of("admin:events_invitation_changelist"),
        "events.view_invitation",
        own=("events_invitation_", "events_event_invite"),
    ),
    WorkspacePage(
        Section.REGISTRATIONS,
        _("Questions"),
        list_of("admin:events_signupquestion_changelist"),
        "events.view_signupquestion",
        own=("events_signupquestion_",),
    ),
    WorkspacePage(
        Section.REGISTRATIONS,
        _("Mails"),
        list_of("admin:events_outgoingmail_changelist"),
        "events.view_outgoingmail",
        own=("events_outgoingmail_",),
    ),
    WorkspacePage(
        Section.SETTINGS,
        _("Event"),
        page_of("admin:events_event_change"),
        "events.view_event",
        own=("events_event_",),
    ),
    WorkspacePage(
        Section.SETTINGS,
        _("Team"),
        page_of("admin:events_event_team"),
        "events.view_event",
        own=("events_event_team",),
    ),
    WorkspacePage(
        Section.SETTINGS,
        _("Rooms, hours, rules"),
        page_of("admin:events_event_planner_settings"),
        "events.change_event",
        own=("events_event_planner_settings",),
    ),
    WorkspacePage(
        Section.SETTINGS,
        _("Session presets"),
        list_of("admin:events_sessionpreset_changelist"),
        "events.view_sessionpreset",
        own=("events_sessionpreset_",),
    ),
    WorkspacePage(
        Section.SETTINGS,
        _("Widget"),
        page_of("admin:events_event_widget"),
        "events.change_event",
        own=("events_event_widget",),
    ),
    WorkspacePage(
        Section.SETTINGS,
        _("Clone"),
        page_of("admin:events_event_clone"),
        "events.change_event",
        own=("events_event_clone",),
    ),
    WorkspacePage(
        Section.SETTINGS,
        _("Move"),
        page_of("admin:events_event_move"),
        "events.change_event",
        own=("events_event_move",),
    ),
    WorkspacePage(
        Section.SETTINGS,
        _("History"),
        page_of("admin:events_event_history"),
        "events.view_event",
        own=("events_event_history", "events_event_track_history"),
    ),
    WorkspacePage(
        Section.SETTINGS,
        _("Trash"),
        list_of("admin:events_trashedobject_changelist"),
        "events.change_event",
        own=("events_trashedobject_",),
    ),
)
