"""App configuration."""

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """Registers the app with Django."""

    name = "analytics"
    verbose_name = "Attendance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear of changes in the agenda."""
        from analytics import receivers  # noqa: F401  (connects itself on import)
