"""The portal's own Django app: start-up checks, doctor checks, the admin and its login."""

from django.apps import AppConfig
from django.contrib import admin
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class PortalAdminConfig(admin_apps.AdminConfig):
    """Django's admin, as a site of ours."""

    default = False  # INSTALLED_APPS names it; the app "portal" is the one below.
    default_site = "portal.admin_site.PortalAdminSite"


class PortalConfig(AppConfig):
    """Registers the checks and sends the admin's login through allauth."""

    default = True
    name = "portal"
    label = "portal"
    verbose_name = _("Portal")

    def ready(self) -> None:
        """Connect what needs loaded apps.

        The admin's own login form would bypass allauth's rate limits, so allauth goes first:
        https://docs.allauth.org/en/latest/common/admin.html
        """
        from allauth.account.decorators import secure_admin_login

        from portal import checks, doctor  # noqa: F401  Importing the checks registers them.
        from portal.i18n.naming import translate_names
        from portal.sign_in import receivers  # noqa: F401

        doctor.register()
        translate_names()

        admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
