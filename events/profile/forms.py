"""What people say about themselves."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from events.models import ProfilePicture, User
from events.profile.pictures import MOST_BYTES, square_jpeg
from events.zones import known_zones

Choices = list[tuple[str, Any]]


def language_choices() -> Choices:
    """Every language of the portal by its own name."""
    return [("", _("As the browser asks")), *settings.LANGUAGES]


def zone_choices() -> Choices:
    """Every zone that people live in, by continent."""
    names = sorted(name for name in known_zones() if "/" in name and not _is_technical(name))
    groups = [(area, [(n, n.replace("_", " ")) for n in found]) for area, found in _by_area(names)]
    return [("", _("As each event has it")), ("UTC", "UTC"), *groups]


def _is_technical(name: str) -> bool:
    return name.startswith(("Etc/", "SystemV/", "US/", "posix/", "right/"))


def _by_area(names: list[str]) -> Iterator[tuple[str, Iterator[str]]]:
    yield from groupby(names, key=lambda name: name.split("/")[0])


class ProfileFields(forms.Form):
    """Language and zone as lists to choose from; what else was stored stays choosable."""

    language = forms.ChoiceField(label=_("Language"), required=False, choices=language_choices)
    timezone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        choices=zone_choices,
        help_text=_("Agendas and mails give their times in it."),
        widget=forms.Select(attrs={"data-device-label": _("this device")}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("language", "timezone"):
            stored = str(getattr(getattr(self, "instance", None), name, "") or "")
            field: Any = self.fields.get(name)
            if field and stored and not field.valid_value(stored):
                field.choices = [*field.choices, (stored, stored)]


class ProfileForm(ProfileFields, forms.ModelForm):  # type: ignore[type-arg]
    """Somebody's own profile."""

    picture = forms.FileField(
        label=_("Picture"),
        required=False,
        max_length=255,
        help_text=_("A JPEG, PNG or WebP of at most 8 MB. Its middle is shown as a square."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )
    remove_picture = forms.BooleanField(label=_("Remove my picture"), required=False)

    class Meta:
        model = User
        fields = ("name", "pronouns", "language", "timezone")
        labels = {"name": _("Name")}
        help_texts = {"name": _("Others see it in live rooms and on your certificates.")}

    field_order = ("name", "pronouns", "language", "timezone", "picture", "remove_picture")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        if not ProfilePicture.objects.filter(user=self.instance).exists():
            del self.fields["remove_picture"]

    def clean_picture(self) -> bytes | None:
        """The picture as we keep it; None when none was sent."""
        sent = self.cleaned_data.get("picture")
        if not sent:
            return None
        if sent.size > MOST_BYTES:
            raise ValidationError(_("This picture has more than 8 MB. Make it smaller first."))
        return square_jpeg(sent)

    def save(self, commit: bool = True) -> User:
        """Save who they are; a new picture goes before the wish to remove the old one."""
        user: User = super().save(commit=False)
        user.save(update_fields=list(self.Meta.fields))
        if jpeg := self.cleaned_data.get("picture"):
            ProfilePicture.objects.update_or_create(user=user, defaults={"jpeg": jpeg})
        elif self.cleaned_data.get("remove_picture"):
            ProfilePicture.objects.filter(user=user).delete()
        return user
