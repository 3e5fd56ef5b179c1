"""What the pages of a producer's tools have in common: no cache keeps them, no other site hears."""

from __future__ import annotations

from functools import wraps
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse

from kaltura_bridge.join.views import View


def forms_lead_to(response: HttpResponse, source: str) -> HttpResponse:
    """The response, whose forms may be answered by a redirect there: browsers look at that too."""
    allowed = csp_replace({"form-action": [SELF, source]})
    return allowed(lambda request: response)(HttpRequest())  # type: ignore[return-value]


def confidential_form(view: View) -> View:
    """As ``confidential``, for pages with a form of ours on them.

    With ``no-referrer`` browsers would hide where the form comes from, and it would be refused
    as forged; other sites are told nothing either way.
    """

    @wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> HttpResponse:
        response = view(*args, **kwargs)
        response["Cache-Control"] = "no-store, private"
        response["Referrer-Policy"] = "same-origin"
        return response

    return wrapped
