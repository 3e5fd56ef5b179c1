"""The join page's question, and what its script needs."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from analytics.presence.stays import BEAT_S
from analytics.presence.views import is_noted
from analytics.privacy.consent import answer_of, notes_presence, shows_question_at
from kaltura_bridge.join.access import JoinRequest
from kaltura_bridge.join.panels import JoinPanel

_STATES = {None: "ask", True: "yes", False: "no"}


def presence_panel(request: HttpRequest, asked: JoinRequest) -> JoinPanel | None:
    """The question and its answer; None where the event asks nobody, and for recordings."""
    event = asked.session.event
    if not is_noted(asked) or not shows_question_at(event):
        return None
    context = {
        "url": reverse("analytics:presence", args=[event.slug, asked.session.slug]),
        "state": _STATES[answer_of(event, asked.user)],
        # Empty: the event asks, and its pages note nothing themselves.
        "beat_s": BEAT_S if notes_presence(event) else "",
    }
    html = render_to_string("analytics/_presence_panel.html", context, request)
    return JoinPanel(html, "analytics/presence.js")
