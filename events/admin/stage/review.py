"""What people on stage may edit, and what they would like to: taken over or declined by field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.files.storage import Storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.cache import patch_cache_control
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.admin.generics import ModelForm
from events.admin.scope import user_of
from events.drafts.overlay import overlay
from events.files.documents import type_of
from events.models import (
    Audience,
    Event,
    InvitationState,
    ProposalState,
    Speaker,
    SpeakerProposal,
    StageField,
    StageRules,
)
from events.models.fields import ProseInput
from events.speakers.availability import answers_of, ask_for_hours
from events.speakers.deciding import Decided, StageDecision, decide, shown_token, waiting_at
from events.speakers.fields import present_value
from events.speakers.forms import value_in_words
from events.speakers.wording import marked_changes

_TAKE, _DECLINE, _LEAVE = "take", "decline", "leave"
#: More than these are not on one page; the next are there once these are decided.
MOST_SHOWN: Final = 100


class StageRulesForm(ModelForm):
    class Meta:
        model = StageRules
        fields = ("may_edit", "needs_approval", "may_upload", "sends_calendar", "asks_hours")


@dataclass(frozen=True)
class ShownProposal:
    """A proposal as the page has it: what is, what was when it was written, what shall be."""

    proposal: SpeakerProposal
    present: Any
    token: str

    @classmethod
    def of(cls, proposal: SpeakerProposal) -> ShownProposal:
        present = present_value(proposal.field, proposal.speaker, proposal.session)
        return cls(proposal, present, shown_token(proposal))

    @property
    def has_moved(self) -> bool:
        """Whether somebody else changed the field since it was written."""
        is_added = self.proposal.field == StageField.MATERIAL
        return not is_added and self.proposal.before != self.present

    @property
    def is_picture(self) -> bool:
        return self.proposal.field == StageField.PICTURE

    @property
    def is_material(self) -> bool:
        return self.proposal.field == StageField.MATERIAL

    @property
    def was(self) -> str:
        return value_in_words(self.proposal.before)

    @property
    def now(self) -> str:
        return value_in_words(self.present)

    @property
    def wanted(self) -> str:
        return value_in_words(self.proposal.value)

    @property
    def changes(self) -> SafeString:
        """The new text, with what goes and what comes marked."""
        return marked_changes(self.now, self.wanted)

    @property
    def audience(self) -> str:
        """For whom a document would be."""
        return str(Audience(self.proposal.value["audience"]).label)


class _DecisionForm(forms.Form):
    """What one person says about one proposal."""

    word = ProseInput(required=False, max_length=2000)


def review_page(modeladmin: Any, request: HttpRequest, event: Event) -> HttpResponse:
    """The rules of the event, and what waits."""
    rules = StageRules.of(event)
    wants_rules = request.method == "POST" and "rules" in request.POST
    form = StageRulesForm(request.POST if wants_rules else None, instance=rules)
    if wants_rules and form.is_valid():
        form.save()
        modeladmin.log_change(request, event, "Changed what speakers may edit.")
        messages.success(request, _("Saved."))
        return redirect("admin:events_event_stage", event.pk)
    if request.method == "POST" and "ask" in request.POST:
        asked = ask_for_hours(event)
        text = ngettext("%(n)d person is asked by mail.", "%(n)d people are asked by mail.", asked)
        messages.success(request, text % {"n": asked})
        return redirect("admin:events_event_stage", event.pk)
    if request.method == "POST" and not wants_rules:
        _decide(modeladmin, request, event)
        return redirect("admin:events_event_stage", event.pk)
    waiting = list(waiting_at(event)[: MOST_SHOWN + 1])
    for proposal in waiting:
        proposal.event = event
        proposal.speaker.event = event
        if proposal.session:
            proposal.session.event = event
    overlay([proposal.speaker for proposal in waiting])
    overlay([proposal.session for proposal in waiting if proposal.session])
    context = {
        **modeladmin.admin_site.each_context(request),
        "title": _("Speakers of “%(event)s”") % {"event": event},
        "event": event,
        "form": form,
        "shown": [ShownProposal.of(proposal) for proposal in waiting[:MOST_SHOWN]],
        "has_more": len(waiting) > MOST_SHOWN,
        "people": _people(event),
        "answers": answers_of(event) if rules.asks_hours else None,
        "opts": modeladmin.opts,
    }
    return TemplateResponse(request, "admin/events/stage/review.html", context)


def _people(event: Event) -> dict[str, int]:
    """How many have their profile, were asked, or were not asked yet."""
    rows = Speaker.objects.filter(event=event).select_related("invitation")
    counts = {"claimed": 0, "invited": 0, "others": 0}
    for speaker in rows:
        invitation = getattr(speaker, "invitation", None)
        is_invited = invitation is not None and invitation.state == InvitationState.OPEN
        counts["claimed" if speaker.user_id else "invited" if is_invited else "others"] += 1
    return counts


def _decide(modeladmin: Any, request: HttpRequest, event: Event) -> None:
    decided = decide(event, list(_decisions(request)), user_of(request))
    _say(request, decided)
    if decided.taken or decided.declined:
        modeladmin.log_change(
            request,
            event,
            f"Took {decided.taken} changes of speakers over, declined {decided.declined}.",
        )


def _decisions(request: HttpRequest) -> Iterator[StageDecision]:
    """What was said of each; with ``all`` whatever is left is taken over as it was shown."""
    takes_all = "all" in request.POST
    for name, shown in request.POST.items():
        number = name.removeprefix("shown-")
        if number == name or not (number.isascii() and number.isdigit() and len(number) < 19):
            continue
        choice = request.POST.get(f"do-{number}", _LEAVE)
        if choice == _LEAVE and takes_all:
            choice = _TAKE
        if choice not in (_TAKE, _DECLINE):
            continue
        said = _DecisionForm({"word": request.POST.get(f"word-{number}", "")})
        word = said.cleaned_data["word"] if said.is_valid() else ""
        yield StageDecision(int(number), choice == _TAKE, str(shown), word)


def _say(request: HttpRequest, decided: Decided) -> None:
    if decided.taken:
        text = ngettext("%(n)d change taken over.", "%(n)d changes taken over.", decided.taken)
        messages.success(request, text % {"n": decided.taken})
    if decided.declined:
        text = ngettext("%(n)d change declined.", "%(n)d changes declined.", decided.declined)
        messages.success(request, text % {"n": decided.declined})
    if decided.stale:
        text = ngettext(
            "%(n)d change is not what you saw any more, so nothing was done about it. Look again.",
            "%(n)d changes are not what you saw any more, so nothing was done about them. "
            "Look again.",
            decided.stale,
        )
        messages.warning(request, text % {"n": decided.stale})
    for proposal, reason in decided.refused:
        messages.error(request, f"{proposal}: {reason}")
    if not (decided.taken or decided.declined or decided.stale or decided.refused):
        messages.info(request, _("You left everything as it is."))


def waiting_document(
    modeladmin: Any, request: HttpRequest, event: Event
) -> HttpResponse | FileResponse:
    """A document that waits for approval, for those who decide, to be kept as a file."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    found = _waiting_document(event, request.GET.get("proposal", ""))
    keeper: Storage = found.document.storage
    try:
        file = keeper.open(str(found.document.name), "rb")
    except FileNotFoundError:
        raise Http404("The file of this document is gone.") from None
    response = FileResponse(
        file, as_attachment=True, filename=found.filename, content_type=type_of(found.filename)
    )
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    patch_cache_control(response, private=True, no_store=True)
    return response


def _waiting_document(event: Event, asked: str) -> SpeakerProposal:
    try:
        rows = SpeakerProposal.objects.filter(event=event, uuid=UUID(asked))
    except ValueError:
        raise Http404("There is no such document.") from None
    found = rows.filter(state=ProposalState.WAITING).exclude(document="").first()
    if found is None:
        raise Http404("There is no such document.")
    return found
