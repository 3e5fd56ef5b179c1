from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    name = "events"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Events")

    def ready(self) -> None:
        # They register on import.
        from events import permissions, receivers  # noqa: F401
        from events.agenda import early_stars  # noqa: F401
        from events.programme import recording  # noqa: F401
        from events.registration import invitations, telling  # noqa: F401
