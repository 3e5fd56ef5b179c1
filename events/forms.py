"""What attendee pages accept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from events.characters import clean_line
from events.models import NewsPreferences, Session
from events.models.fields import LineInput
from events.push.keys import is_browser_key, is_browser_secret
from events.push.services import LONGEST_ENDPOINT, is_known_endpoint

# Longer ones no browser asks for, and Django does not redirect to.
LONGEST_ADDRESS = 2000


def safe_next(request: HttpRequest, otherwise: str) -> str:
    """Where to go afterwards: the request's ``next`` when it is a page of this site.

    A path or a whole address; any other text would be taken for the name of a page.
    """
    wanted = clean_line(request.POST.get("next") or request.GET.get("next") or "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    is_address = wanted.startswith(("/", "http://", "https://"))
    return wanted if is_ours and is_address and len(wanted) <= LONGEST_ADDRESS else otherwise


def login_url(next_url: str) -> str:
    """The sign-in page, and from there to ``next_url``."""
    return f"{reverse('account_login')}?{urlencode({'next': next_url})}"


class NewsForm(forms.ModelForm):  # type: ignore[type-arg]
    """The mails that somebody wants."""

    class Meta:
        model = NewsPreferences
        fields = ("day_ahead", "soon", "changed", "recorded", "afterwards")


class PushForm(forms.Form):
    """What a browser says of itself when it is to show notifications."""

    endpoint = LineInput(max_length=LONGEST_ENDPOINT)
    p256dh = forms.CharField(max_length=100)
    auth = forms.CharField(max_length=40)

    def clean_endpoint(self) -> str:
        endpoint: str = self.cleaned_data["endpoint"]
        if not is_known_endpoint(endpoint):
            raise forms.ValidationError(_("This browser's push service is not known here."))
        return endpoint

    def clean_p256dh(self) -> str:
        return self._key("p256dh", is_browser_key)

    def clean_auth(self) -> str:
        return self._key("auth", is_browser_secret)

    def _key(self, name: str, fits: Callable[[str], bool]) -> str:
        text: str = self.cleaned_data[name]
        if not fits(text):
            raise forms.ValidationError(_("This is no key of a browser."))
        return text


class BookmarkForm(forms.Form):
    """One star: exactly one of ``keep`` and ``drop``, naming a session by its slug."""

    keep = forms.SlugField(required=False)
    drop = forms.SlugField(required=False)

    def __init__(self, *args: Any, sessions: Any, **kwargs: Any) -> None:
        """``sessions`` are those the person may see."""
        self.sessions = sessions
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        slugs = [data.get("keep"), data.get("drop")]
        if bool(slugs[0]) == bool(slugs[1]):
            raise forms.ValidationError(_("Name one session to keep or one to drop."))
        data["session"] = self._session(slugs[0] or slugs[1])
        data["kept"] = bool(slugs[0])
        return data

    def _session(self, slug: str | None) -> Session:
        session: Session | None = self.sessions.filter(slug=slug).first()
        if session is None:
            raise forms.ValidationError(_("This session is no longer in the agenda."))
        return session
