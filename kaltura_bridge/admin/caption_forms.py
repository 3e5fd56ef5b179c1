"""The form of a caption rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from events.admin.generics import ModelForm
from kaltura_bridge.models import CaptionFeature, CaptionRule


class CaptionRuleForm(ModelForm):
    """What an event wants captions of. ``languages`` are those of the catalogue."""

    class Meta:
        model = CaptionRule
        fields = (
            "name",
            "is_active",
            "feature",
            "session_type",
            "track",
            "title_has",
            "language",
            "service_type",
            "within_hours",
            "budget",
            "shows_at_once",
        )

    def __init__(self, *args: Any, languages: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tracks: Any = self.fields["track"]
        tracks.queryset = self.instance.event.tracks.all()
        tracks.empty_label = _("All tracks")
        known = sorted({*languages, self.instance.language} - {""})
        if known:
            own = ("", _("The session's own language"))
            self.fields["language"] = forms.ChoiceField(
                label=self.fields["language"].label,
                choices=[own, *((name, name) for name in known)],
                required=False,
            )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("feature") == CaptionFeature.LIVE:
            cleaned["within_hours"] = None  # They are written while people speak.
        return cleaned
