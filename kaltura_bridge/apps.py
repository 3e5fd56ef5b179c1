"""App configuration."""

from django.apps import AppConfig


class KalturaBridgeConfig(AppConfig):
    """Registers the app with Django."""

    name = "kaltura_bridge"
    verbose_name = "Kaltura"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to the domain, and tell it about recordings."""
        from events.recordings import register_source
        from kaltura_bridge import receivers  # noqa: F401  (connects itself on import)
        from kaltura_bridge.queries import recording_of

        register_source(recording_of)
