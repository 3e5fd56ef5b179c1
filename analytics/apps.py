"""App configuration."""

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """Registers the app with Django."""

    name = "analytics"
    verbose_name = "Attendance"
    default_auto_field = "django.db.models.BigAutoField"
