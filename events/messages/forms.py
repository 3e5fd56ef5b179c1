"""The form of a message to the audience."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.messages.audiences import audiences_for
from events.messages.sending import MessageDraft
from events.models import AudienceMessage, MessageLevel, Session
from events.models.fields import LineInput
from events.models.messages import LONGEST_MESSAGE

_LONGEST: Final = timedelta(days=14)
_USUAL: Final = timedelta(hours=1)
_INPUT: Final = "%Y-%m-%dT%H:%M"


class MessageForm(forms.Form):
    """Used inside ``timezone.override`` with the event's zone, in which its time is."""

    text = LineInput(
        label=gettext_lazy("Message"),
        max_length=LONGEST_MESSAGE,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": LONGEST_MESSAGE}),
        help_text=gettext_lazy("One or two plain sentences. Links and formatting are not shown."),
    )
    level = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=MessageLevel.choices, initial=MessageLevel.INFO
    )
    ends_at = forms.DateTimeField(
        label=gettext_lazy("Shown until"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_INPUT),
        input_formats=[_INPUT, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
    )

    def clean_ends_at(self) -> datetime:
        ends_at: datetime = self.cleaned_data["ends_at"]
        now = timezone.now()
        if ends_at <= now:
            raise ValidationError(_("This time has passed already."))
        if ends_at > now + _LONGEST:
            raise ValidationError(_("Choose a time within the next two weeks."))
        return ends_at

    def draft(self) -> MessageDraft:
        return MessageDraft(
            self.cleaned_data["text"],
            self.cleaned_data["level"],
            self.cleaned_data["ends_at"],
            self.cleaned_data.get("mail_to", ""),
        )


class NewMessageForm(MessageForm):
    key = forms.UUIDField(widget=forms.HiddenInput)
    mail_to = forms.ChoiceField(
        label=gettext_lazy("By mail too"),
        required=False,
        help_text=gettext_lazy("Mails cannot be taken back once they have left."),
    )

    def __init__(self, session: Session | None, data: Any = None) -> None:
        initial = {"key": uuid4(), "ends_at": _usual_end(session)}
        super().__init__(data, initial=initial)
        offered = [(each.name, each.label) for each in audiences_for(session)]
        choice: Any = self.fields["mail_to"]
        choice.choices = [("", _("Nobody")), *offered]


class CorrectionForm(MessageForm):
    version = forms.IntegerField(widget=forms.HiddenInput)
    mail_again = forms.BooleanField(
        label=gettext_lazy("Mail the corrected text to those who got it by mail"), required=False
    )

    def __init__(self, message: AudienceMessage, data: Any = None) -> None:
        names = ("text", "level", "ends_at", "version")
        super().__init__(data, initial={name: getattr(message, name) for name in names})
        if not message.mail_to:
            del self.fields["mail_again"]


def _usual_end(session: Session | None) -> datetime:
    in_an_hour = (timezone.now() + _USUAL).replace(second=0, microsecond=0)
    return max(session.ends_at, in_an_hour) if session else in_an_hour
