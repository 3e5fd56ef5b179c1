"""The page on which the team speaks to the audience, and what open pages ask."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from events.actions import NotAllowed
from events.caching.early_shared import share_answer
from events.limits import RateLimit
from events.messages.forms import CorrectionForm, NewMessageForm
from events.messages.mails import MailReceipt, receipts_of
from events.messages.reading import ShownMessage, asked_by, messages_now
from events.messages.rights import may_message
from events.messages.sending import correct_message, end_message, send_message
from events.messages.shown import note_shown, shown_in
from events.models import AudienceMessage, Event, Session, User
from events.queries import visible_event, visible_session
from events.roles import EventMembership

_SENDS: Final = RateLimit("audience-messages", amount=30, within_s=600)
_SEEN: Final = RateLimit("audience-messages-seen", amount=20_000, within_s=60)
_LISTED: Final = 50
_DIGITS: Final = 19
# For so long an answer is said again by each web process without asking.
_SAID_AGAIN_S: Final = 1.0
#: How often an open page asks at most.
AGAIN_S: Final = 5.0


@dataclass(frozen=True)
class MessageDesk:
    """Who may speak to which audience. ``session``: None for that of the whole event."""

    user: User
    event: Event
    membership: EventMembership
    session: Session | None = None

    @property
    def url(self) -> str:
        if self.session:
            return reverse("events:session_messages", args=[self.event.slug, self.session.slug])
        return reverse("events:messages", args=[self.event.slug])

    def may_change(self, message: AudienceMessage) -> bool:
        """Whether this person could have said it."""
        if message.session is None:
            return may_message(self.event, self.membership)
        try:
            session = visible_session(self.event, self.membership, message.session.slug)
        except Http404:
            return False
        return may_message(self.event, self.membership, session)


def _desk(request: HttpRequest, slug: str, session_slug: str = "") -> MessageDesk:
    assert isinstance(request.user, User)  # login_required
    event, membership = visible_event(request.user, slug)
    session = visible_session(event, membership, session_slug) if session_slug else None
    if not may_message(event, membership, session):
        raise Http404("There is no such page.")
    return MessageDesk(request.user, event, membership, session)


View = Callable[..., HttpResponse]


def _private(view: View) -> View:
    @wraps(view)
    def answered(*args: Any, **kwargs: Any) -> HttpResponse:
        response = view(*args, **kwargs)
        patch_cache_control(response, private=True, no_store=True)
        return response

    return answered


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@_private
def messages_page(request: HttpRequest, slug: str, session_slug: str = "") -> HttpResponse:
    """Say something, and see how what was said fared."""
    desk = _desk(request, slug, session_slug)
    with timezone.override(desk.event.zone):
        form = NewMessageForm(desk.session, request.POST or None)
        is_sent = request.method == "POST" and form.is_valid()
        if is_sent and (answer := _sent(request, desk, form)) is not None:
            return answer
        context = {"event": desk.event, "session": desk.session, "form": form, "said": _said(desk)}
        return render(request, "events/messages.html", context)


def _sent(request: HttpRequest, desk: MessageDesk, form: NewMessageForm) -> HttpResponse | None:
    if not _SENDS.allows(desk.user.pk, desk.event.pk):
        form.add_error(None, _("That is a lot of messages at once. Wait some minutes."))
        return None
    try:
        key = form.cleaned_data["key"]
        send_message(key, desk.event, desk.session, desk.user, form.draft())
    except NotAllowed as refused:
        form.add_error(None, str(refused))
        return None
    messages.success(request, _("The message is on its way. Open pages show it within seconds."))
    return redirect(desk.url)


@dataclass(frozen=True)
class SaidMessage:
    """A message in the list, with what became of it."""

    message: AudienceMessage
    shown: int
    mails: MailReceipt
    is_on: bool


def _said(desk: MessageDesk) -> list[SaidMessage]:
    rows = AudienceMessage.objects.filter(event=desk.event).select_related("session", "sent_by")
    # Whoever plans the event sees on its page what was said in its sessions too.
    rows = rows.filter(session=desk.session) if desk.session else rows
    listed, now = list(rows[:_LISTED]), timezone.now()
    receipts = receipts_of(listed)
    return [
        SaidMessage(
            row, shown_in(row), receipts[row.pk], row.ended_at is None and row.ends_at > now
        )
        for row in listed
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@_private
def message_page(request: HttpRequest, slug: str, key: UUID) -> HttpResponse:
    """Correct one message, or end it."""
    assert isinstance(request.user, User)  # login_required
    event, membership = visible_event(request.user, slug)
    rows = AudienceMessage.objects.select_related("session")
    message = get_object_or_404(rows, event=event, key=key)
    desk = MessageDesk(request.user, event, membership, message.session)
    if not desk.may_change(message):
        raise Http404("There is no such page.")
    if request.method == "POST" and request.POST.get("do") == "end":
        end_message(message)
        messages.success(request, _("The message has ended. Open pages take it away in seconds."))
        return redirect(desk.url)
    with timezone.override(event.zone):
        form = CorrectionForm(message, request.POST or None)
        if request.method == "POST" and form.is_valid() and _corrected(message, form):
            messages.success(request, _("The message is corrected."))
            return redirect(desk.url)
        context = {"event": event, "message": message, "form": form, "back_url": desk.url}
        return render(request, "events/message.html", context)


def _corrected(message: AudienceMessage, form: CorrectionForm) -> bool:
    again = form.cleaned_data.get("mail_again", False)
    try:
        correct_message(message, form.cleaned_data["version"], form.draft(), mail_again=again)
    except NotAllowed as refused:
        form.add_error(None, str(refused))
        return False
    return True


# --- What open pages ask --------------------------------------------------------------------


@dataclass(frozen=True)
class MessagesAnswer:
    """What every page is told that asks with the same word."""

    said: bytes
    holds_until: float

    def body(self) -> bytes:
        return self.said


@require_GET
@never_cache
def messages_asked(request: HttpRequest, slug: str) -> HttpResponse:
    """``{"messages": [{"id", "name", "level", "text"}], "again_s": seconds}``.

    404 without a word that a page of ours gave.
    """
    shown = messages_now(asked_by(request.GET.get("of", "")), slug)
    said = {"messages": [_as_json(each) for each in shown], "again_s": AGAIN_S}
    answer = MessagesAnswer(json.dumps(said).encode(), time.time() + _SAID_AGAIN_S)
    response = HttpResponse(answer.body(), content_type="application/json")
    return share_answer(response, answer)


def _as_json(message: ShownMessage) -> dict[str, Any]:
    return {
        "id": message.pk,
        "name": message.name,
        "level": message.level,
        "text": message.text,
    }


# Whoever has the word read the page; nothing of anybody is changed, and open pages, which are
# kept for all, hold no token.
@csrf_exempt
@require_POST
@never_cache
def messages_seen(request: HttpRequest, slug: str) -> HttpResponse:
    """Count one more browser that shows these messages."""
    asked = asked_by(request.POST.get("of", ""))
    if not _SEEN.allows(slug):
        return HttpResponse(status=429)
    known = {each.pk for each in messages_now(asked, slug)}
    sent = request.POST.getlist("id")[:10]
    named = {int(text) for text in sent if text.isdecimal() and len(text) < _DIGITS}
    note_shown(sorted(known & named))
    return HttpResponse(status=204)
