"""Inviting people by a list, and what became of each invitation."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from events.admin.filters import EventFilter
from events.admin.previews import CONFIRMED, SHOWN
from events.admin.scope import PlannedAdmin, user_of
from events.models import Event, EventStatus, Invitation, User
from events.models.fields import ProseInput
from events.permissions import PLANNERS
from events.registration.invitations import MOST_DAYS, USUAL_DAYS, invite, invite_again, revoke
from events.registration.invited import MOST_CHARS, InvitationPlan, plan_invitations


@admin.register(Invitation)
class InvitationAdmin(PlannedAdmin):
    """What became of each invitation; new ones are made on the page of their event."""

    view_roles = PLANNERS
    goes_along = True
    list_display = ("email", "name", "event", "invitation_state", "sent_at", "expires_at")
    list_select_related = ("event",)
    list_filter = (
        EventFilter,
        ("used_at", admin.EmptyFieldListFilter),
        ("revoked_at", admin.EmptyFieldListFilter),
    )
    search_fields: ClassVar[tuple[str, ...]] = ("email", "name")
    search_help_text = gettext_lazy("Name or e-mail address.")
    actions = ("send_again", "revoke_selected")
    fields = (
        *("event", "email", "name", "invitation_state"),
        *("sent_at", "expires_at", "used_at", "used_by", "revoked_at", "invited_by"),
    )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields

    @admin.display(description=gettext_lazy("state"))
    def invitation_state(self, invitation: Invitation) -> str:
        return str(invitation.state.label)

    @admin.action(description=gettext_lazy("Send again, with a new link"), permissions=["change"])
    def send_again(self, request: HttpRequest, queryset: Any) -> None:
        mine = self.changeable(request, queryset)
        sent = len(invite_again(mine.filter(event__status=EventStatus.PUBLISHED)))
        text = ngettext("%(n)d mail is on its way.", "%(n)d mails are on their way.", sent)
        messages.success(request, text % {"n": sent})
        if left := mine.count() - sent:
            reason = _("accepted already, or of an event that is not published")
            messages.info(request, f"{left}: {reason}.")

    @admin.action(description=gettext_lazy("Revoke"), permissions=["change"])
    def revoke_selected(self, request: HttpRequest, queryset: Any) -> None:
        ended = revoke(self.changeable(request, queryset))
        text = ngettext("%(n)d link no longer works.", "%(n)d links no longer work.", ended)
        messages.success(request, text % {"n": ended})


class InviteForm(forms.Form):
    """Who is invited, and until when; says what it would do before it does it."""

    people = ProseInput(
        label=gettext_lazy("People"),
        required=False,
        max_length=MOST_CHARS,
        widget=forms.Textarea(attrs={"rows": 10, "cols": 60}),
        help_text=gettext_lazy(
            "One in a row: e-mail address, name. By comma, semicolon or tab; a first row may "
            "name the columns “email” and “name”."
        ),
    )
    file = forms.FileField(
        label=gettext_lazy("Or a CSV file"),
        required=False,
        help_text=gettext_lazy("In UTF-8. It takes the place of what stands above."),
    )
    days = forms.IntegerField(
        label=gettext_lazy("The links work for so many days"),
        min_value=1,
        max_value=MOST_DAYS,
        initial=USUAL_DAYS,
    )

    plan: InvitationPlan | None = None

    def __init__(self, event: Event, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.event, self.user = event, user

    def clean_file(self) -> str:
        """The file as text; empty without one."""
        file = self.cleaned_data["file"]
        if file is None:
            return ""
        if file.size > MOST_CHARS:
            raise ValidationError(_("The file is larger than a megabyte. Split it."))
        try:
            return str(ProseInput(required=False).clean(file.read().decode("utf-8-sig")))
        except UnicodeDecodeError as error:
            text = _("The file is not in UTF-8. Save it as “CSV UTF-8”.")
            raise ValidationError(text) from error

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        cleaned["people"] = cleaned.get("file") or cleaned.get("people") or ""
        if not cleaned["people"]:
            raise ValidationError({"people": _("Name somebody to invite.")})
        until = timezone.now() + timedelta(days=cleaned["days"])
        self.plan = plan_invitations(self.event, cleaned["people"], until, self.user)
        return cleaned

    @property
    def fingerprint(self) -> str:
        """What a confirmation is of: who gets a mail, and for how long."""
        addresses = self.plan.addresses if self.plan else []
        return hashlib.sha256(repr((addresses, self.cleaned_data["days"])).encode()).hexdigest()

    @property
    def is_confirmed(self) -> bool:
        """Whether the person confirmed exactly this."""
        shown = CONFIRMED in self.data and self.is_valid() and self.plan
        return bool(shown and shown.is_applicable and self.data.get(SHOWN) == self.fingerprint)


def invite_page(modeladmin: Any, request: HttpRequest, event: Event) -> HttpResponse:
    """Ask whom to invite, show what that means, and send the mails."""
    asked = request.POST or None
    form = InviteForm(event, user_of(request), asked, request.FILES or None)
    if event.status == EventStatus.PUBLISHED and form.is_confirmed and _invite(form):
        modeladmin.log_change(request, event, f"Invited {len(form.plan.addresses)}.")  # type: ignore[union-attr]
        return _sent(request, form)
    plan = form.plan if form.is_bound and form.is_valid() else None
    if plan:  # A file's text goes into the field, for browsers send no file twice.
        form = _with_text(form)
    context = {
        **modeladmin.admin_site.each_context(request),
        "title": _("Invite people to “{event}”").format(event=event),
        "event": event,
        "is_published": event.status == EventStatus.PUBLISHED,
        "form": form,
        "plan": plan,
        "fingerprint": form.fingerprint if plan else "",
        "changed_since": CONFIRMED in form.data and plan is not None,
        "opts": modeladmin.opts,
    }
    return TemplateResponse(request, "admin/events/invite.html", context)


def _with_text(form: InviteForm) -> InviteForm:
    data = {"people": form.cleaned_data["people"], "days": form.cleaned_data["days"]}
    shown = {name: form.data[name] for name in (CONFIRMED, SHOWN) if name in form.data}
    again = InviteForm(form.event, form.user, {**data, **shown})
    again.is_valid()
    return again


def _invite(form: InviteForm) -> bool:
    assert form.plan  # It is confirmed.
    until = timezone.now() + timedelta(days=form.cleaned_data["days"])
    try:
        with transaction.atomic():
            invite(form.plan.new)
            invite_again(form.plan.renewed, until)
    except IntegrityError:
        text = _("Somebody else invited some of these people at the same moment. Look again.")
        form.add_error(None, text)
        return False
    return True


def _sent(request: HttpRequest, form: InviteForm) -> HttpResponse:
    count = len(form.plan.addresses) if form.plan else 0
    text = ngettext("%(n)d invitation is on its way.", "%(n)d invitations are on their way.", count)
    messages.success(request, text % {"n": count})
    return redirect(f"{reverse('admin:events_invitation_changelist')}?event={form.event.pk}")
