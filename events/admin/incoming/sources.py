"""The page where a manager names the address of an event's schedule."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.admin.incoming.forms import ImportRulesForm
from events.drafts.gathering import collects
from events.fetching.public import NothingFetched, check_address, public_address
from events.incoming.arriving import default_rules
from events.models import Event, ScheduleSource


class SourceForm(forms.ModelForm):  # type: ignore[type-arg]
    """An address, how often to look at it, and whether a person says yes."""

    url = forms.URLField(
        label=gettext_lazy("Address"),
        max_length=1000,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"class": "vURLField"}),
        help_text=gettext_lazy(
            "Of a schedule.json or schedule.xml of frab, pretalx or hub, or of a table. "
            "Everybody must be able to read it: no password is sent."
        ),
    )

    class Meta:
        model = ScheduleSource
        fields = ("url", "every_minutes", "applies_itself")
        help_texts = {
            "applies_itself": gettext_lazy(
                "Only what has no errors and cancels few sessions; the rest waits for you."
            ),
        }

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        try:
            parts = check_address(url)
            if parts.username is not None or parts.password is not None:
                raise NothingFetched(_("leave the name and the password out"))
            port = parts.port or (443 if parts.scheme == "https" else 80)
            public_address((parts.hostname or "").lower(), port, settings.SCHEDULE_HOSTS)
        except NothingFetched as refused:
            raise ValidationError(
                _("This address cannot be used: %(why)s.") % {"why": refused}
            ) from None
        return url


def source_page(modeladmin: Any, request: HttpRequest, event: Event) -> HttpResponse:
    """Name the address, look at it now, or let it be."""
    source = ScheduleSource.objects.filter(event=event).first()
    asked = request.POST if "save" in request.POST else None
    rules = ImportRulesForm((source and source.rules) or default_rules(), asked)
    form = SourceForm(asked, instance=source or ScheduleSource(event=event))
    if request.method == "POST" and _act(modeladmin, request, event, source, form, rules):
        return redirect("admin:events_event_import_source", event.pk)
    context = {
        **modeladmin.admin_site.each_context(request),
        "title": _("A schedule at an address"),
        "event": event,
        "opts": modeladmin.opts,
        "form": form,
        "rules": rules,
        "source": ScheduleSource.objects.filter(event=event).first(),
        "is_live": collects(event),
    }
    return TemplateResponse(request, "admin/events/incoming/source.html", context)


def _act(
    modeladmin: Any,
    request: HttpRequest,
    event: Event,
    source: ScheduleSource | None,
    form: SourceForm,
    rules: ImportRulesForm,
) -> bool:
    """Whether what the pressed button asks for is done."""
    if "forget" in request.POST:
        ScheduleSource.objects.filter(event=event).delete()
        modeladmin.log_change(request, event, "Its schedule comes from no address any more.")
        messages.success(request, _("The address is not looked at any more."))
    elif "look" in request.POST and source:
        ScheduleSource.objects.filter(event=event).update(next_at=timezone.now(), failures=0)
        _wake()
        messages.info(request, _("It is being looked at. What has changed will wait for you."))
    elif form.is_valid() and rules.is_valid():
        saved = form.save(commit=False)
        # Looked at afresh, for another address or other rules make another difference.
        saved.rules = {**default_rules(), **rules.cleaned_data}
        saved.tag = saved.digest = saved.last_error = ""
        saved.failures, saved.next_at = 0, timezone.now()
        saved.save()
        # The whole team reads the log, and an address may hold a secret behind its host.
        host = check_address(saved.url).hostname
        modeladmin.log_change(request, event, f"Its schedule comes from {host}.")
        messages.success(request, _("Saved. The address is being looked at."))
        _wake()
    else:
        return False
    return True


def _wake() -> None:
    # Of a process that serves pages only this needs Celery's tasks.
    from events.tasks import look_at_schedules

    look_at_schedules.delay()
