"""The pages of signing in that differ from allauth's own."""

from typing import Any

from allauth.account.views import LoginView
from django.urls import reverse

from portal.sign_in.forms import PasswordLoginForm


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
