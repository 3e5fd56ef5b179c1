"""After a session: saying what it was like, and reading what was said."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from events.actions import NotAllowed
from events.feedback.forms import FeedbackForm
from events.feedback.giving import FeedbackState, give_feedback, state_for, take_feedback_back
from events.feedback.results import may_read_results, results_of
from events.models import Session, SessionFeedback, User
from events.queries import visible_programme, visible_session


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def feedback(request: HttpRequest, slug: str, session_slug: str) -> HttpResponse:
    """For registered people the form, for people on stage what was said, for others why not."""
    assert isinstance(request.user, User)  # login_required
    event, membership = visible_programme(request.user, slug)
    session = visible_session(event, membership, session_slug)
    state = state_for(session, membership, timezone.now())
    mine = SessionFeedback.objects.filter(user=request.user, session=session).first()
    said = {"stars": mine.stars, "text": mine.text} if mine else None
    form = FeedbackForm(request.POST or None, initial=said)
    if request.method == "POST" and state is FeedbackState.OPEN:
        if request.POST.get("do") == "take_back":
            take_feedback_back(request.user, session)
            messages.success(request, _("Your feedback is gone."))
            return redirect(session)
        if form.is_valid():
            return _given(request, request.user, session, form)
    reads = may_read_results(session, membership)
    context = {
        "event": event,
        "session": session,
        "state": state,
        "form": form,
        "mine": mine,
        "results": results_of(session) if reads else None,
    }
    response = render(request, "events/feedback.html", context)
    patch_cache_control(response, private=True, no_store=True)
    return response


def _given(request: HttpRequest, user: User, session: Session, form: FeedbackForm) -> HttpResponse:
    try:
        give_feedback(user, session, form.cleaned_data["stars"], form.cleaned_data["text"])
    except NotAllowed as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Thank you for your feedback."))
    return redirect(session)
