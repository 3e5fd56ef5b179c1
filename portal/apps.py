"""The portal's own Django app: start-up checks, the admin's door, the demo."""

from django.apps import AppConfig
from django.contrib import admin


class PortalConfig(AppConfig):
    """Registers the checks and sends the admin's login through allauth."""

    name = "portal"
    label = "portal"
    verbose_name = "Portal"

    def ready(self) -> None:
        """Without allauth in front, the admin's own form would pass by its rate limits."""
        from allauth.account.decorators import secure_admin_login

        from portal import checks, doctor  # noqa: F401  Importing the checks registers them.

        doctor.register()

        admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
