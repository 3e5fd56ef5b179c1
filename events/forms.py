"""What attendee pages accept."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from events.characters import clean_line
from events.models import NewsPreferences, Session

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
        fields = ("day_ahead", "soon", "changed")


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
