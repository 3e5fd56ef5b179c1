"""The pages of signing in that differ from allauth's own."""

import logging
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.views import (
    ConfirmEmailVerificationCodeView,
    ConfirmLoginCodeView,
    ConfirmPasswordResetCodeView,
    LoginView,
)
from allauth.socialaccount.providers.openid_connect.views import login as openid_connect_login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from requests import RequestException

from portal.sign_in.attempts import may_try, pending_of
from portal.sign_in.forms import PasswordLoginForm

logger = logging.getLogger(__name__)


class PasswordLoginView(LoginView):
    """allauth's own sign-in view, rate limits included, at a second address."""

    template_name = "account/login_password.html"

    def get_form_class(self) -> type[PasswordLoginForm]:
        """Not the form that ACCOUNT_FORMS names: that one is for the page without a password."""
        return PasswordLoginForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the link back to the code page; ``next`` goes along."""
        login_url = self.passthrough_next_url(reverse("account_login"))
        return {**super().get_context_data(**kwargs), "login_url": login_url}


password_login = PasswordLoginView.as_view()


class CountedCodeMixin:
    """A page that waits for a mailed code, with every try counted where none is lost."""

    _process: Any  # allauth's state of what is pending, once dispatch has found it.
    resends = 0  # How often the code may be sent again.

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A try or a resend beyond the last is refused before anything is compared or mailed."""
        # allauth takes for a try whatever it does not offer: a resend after the last, a change.
        understood = getattr(self, "_action", "verify")
        if request.POST.get("action") == "resend":
            may = understood == "resend" and self._counts("resend", self.resends)
            return self._post(request) if may else self._no_more()
        if understood == "change" or self._counts("try", self._process.max_attempts):
            return self._post(request)
        # allauth's own end of a flow: it forgets the code, and says so.
        self._process.state["failed_attempts"] = self._process.max_attempts
        answer: HttpResponse = self.form_invalid(None)  # type: ignore[attr-defined]
        return answer

    def _post(self, request: HttpRequest) -> HttpResponse:
        answer: HttpResponse = super().post(request)  # type: ignore[misc]
        return answer

    def _counts(self, what: str, most: int) -> bool:
        session = self.request.session  # type: ignore[attr-defined]
        return may_try(pending_of(session.session_key, self._process.state, what), most)

    def _no_more(self) -> HttpResponse:
        """The code that was sent last still works, so its page stays."""
        request: HttpRequest = self.request  # type: ignore[attr-defined]
        adapter = get_adapter(request)
        adapter.add_message(request, messages.ERROR, message=adapter.error_messages["rate_limited"])
        return HttpResponseRedirect(request.get_full_path())


class CountedLoginCodeView(CountedCodeMixin, ConfirmLoginCodeView):
    """The code of a sign-in."""

    resends = app_settings.LOGIN_BY_CODE_MAX_RESEND_COUNT


class CountedEmailCodeView(CountedCodeMixin, ConfirmEmailVerificationCodeView):
    """The code that verifies an address, of a sign-up for example."""

    resends = app_settings.EMAIL_VERIFICATION_MAX_RESEND_COUNT


class CountedPasswordCodeView(CountedCodeMixin, ConfirmPasswordResetCodeView):
    """The code of a new password."""


confirm_login_code = CountedLoginCodeView.as_view()
confirm_email_code = CountedEmailCodeView.as_view()
confirm_password_code = CountedPasswordCodeView.as_view()


def sso_login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Send the browser to the provider by a page of ours, not by a redirect.

    Browsers hold the redirects behind a form to ``form-action``, and a provider may well
    lead on to others whose names nobody here knows:
    https://www.w3.org/TR/CSP3/#directive-form-action
    """
    try:
        response: HttpResponse = openid_connect_login(request, provider_id)
    except RequestException as error:
        logger.warning("Single sign-on: the provider did not answer: %s", error)
        text = _("The sign-in service does not answer. Try again later, or use a code by mail.")
        messages.error(request, text)
        return HttpResponseRedirect(reverse("account_login"))
    address = response.headers.get("Location", "")
    if response.status_code != 302 or not address.startswith(("https://", "http://")):
        return response
    page = render(request, "socialaccount/login_redirect.html", {"redirect_to": address})
    page["Referrer-Policy"] = "no-referrer"
    return page
