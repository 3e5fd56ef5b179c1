"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnalyticsConfig(AppConfig):
    """Registers the app with Django."""

    name = "analytics"
    verbose_name = _("Attendance")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to agenda changes, and link the reports from the admin's pages of the events."""
        from analytics import doctor, receivers  # noqa: F401  (receivers connect themselves)
        from analytics.admin import presence
        from analytics.admin.needs import attendance_trouble
        from analytics.presence.live import count_rules, on_the_page, people_on_pages
        from analytics.presence.panel import presence_panel
        from analytics.privacy.modes import rules_of
        from events.admin.extensions import register_delete_note, register_object_tool
        from events.desk import needs
        from events.models import Event, Session, User
        from kaltura_bridge.control_room import people
        from kaltura_bridge.join import panels, privacy
        from kaltura_bridge.live import numbers

        doctor.register()
        needs.register(attendance_trouble)
        presence.register()
        panels.register(presence_panel)
        numbers.register(on_the_page)
        people.register(people_on_pages)
        privacy.register(lambda event: rules_of(event).names_people)
        privacy.register_rules(count_rules)
        may = "events.view_report"
        register_object_tool(Event, "admin:analytics_event_report", _("Attendance"), may)
        register_object_tool(Event, "admin:analytics_matching", _("Attendance matching"), may)
        register_object_tool(Session, "admin:analytics_session_report", _("Attendance"), may)
        register_object_tool(User, "admin:analytics_erase_person", _("Erase"))
        register_object_tool(Event, "admin:analytics_event_privacy", _("Attendance privacy"), may)
        for model in (Event, Session):
            register_delete_note(
                model, _("Its attendance reports are deleted too: export them first.")
            )
