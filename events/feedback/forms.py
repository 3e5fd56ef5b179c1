"""What the feedback page accepts."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from events.models.feedback import LONGEST_FEEDBACK, MOST_STARS
from events.models.fields import ProseInput


class FeedbackForm(forms.Form):
    """One to five stars, and a text for those who have more to say."""

    stars = forms.TypedChoiceField(
        label=_("Stars"),
        coerce=int,
        choices=[
            (n, ngettext_lazy("%(n)d star", "%(n)d stars", n) % {"n": n})
            for n in range(1, MOST_STARS + 1)
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one to five stars.")},
    )
    text = ProseInput(
        label=_("What was good, what could be better?"),
        required=False,
        max_length=LONGEST_FEEDBACK,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Speakers read it without your name, together with what others wrote."),
    )
