"""allauth's pages of passkeys and the second step, each loaded when somebody opens it.

Their modules need fido2 and cryptography, ten megabytes in every web process, and are opened
by few. Names and addresses are allauth's own (a test holds them to that).
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

_View = Callable[..., HttpResponse]


def _page(address: str, part: str, view: str, name: str = "") -> URLPattern:
    """``view`` of one of the four parts of allauth.mfa, at this address."""

    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found: _View = getattr(import_module(f"allauth.mfa.{part}.views"), view)
        return found(request, *args, **kwargs)

    return path(address, opened, name=f"mfa_{name or view}")


urlpatterns = [
    _page("", "base", "index"),
    _page("authenticate/", "base", "authenticate"),
    _page("reauthenticate/", "base", "reauthenticate"),
    _page("totp/activate/", "totp", "activate_totp"),
    _page("totp/deactivate/", "totp", "deactivate_totp"),
    _page("recovery-codes/", "recovery_codes", "view_recovery_codes"),
    _page("recovery-codes/generate/", "recovery_codes", "generate_recovery_codes"),
    _page("recovery-codes/download/", "recovery_codes", "download_recovery_codes"),
    _page("webauthn/", "webauthn", "list_webauthn"),
    _page("webauthn/add/", "webauthn", "add_webauthn"),
    _page("webauthn/reauthenticate/", "webauthn", "reauthenticate_webauthn"),
    _page("webauthn/keys/<int:pk>/remove/", "webauthn", "remove_webauthn"),
    _page("webauthn/keys/<int:pk>/edit/", "webauthn", "edit_webauthn"),
    _page("webauthn/login/", "webauthn", "login_webauthn"),
]
