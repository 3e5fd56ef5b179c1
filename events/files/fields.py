"""Model and form fields for uploaded files."""

from __future__ import annotations

import io
import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.db import models
from django.db.models.fields.files import FieldFile
from django.urls import reverse

from events.files import storage
from events.files.documents import BadDocument, check_document
from events.files.pictures import WIDTHS, BadPicture, made_anew, name_of


class PictureFile(FieldFile):
    """A picture of an event, or of something in one, in the widths in which pages show it.

    Its owner is an event, or has one as ``event``.
    """

    def url_at(self, width: int) -> str:
        """Where the picture is, at most so many pixels across (one of WIDTHS)."""
        event: Any = getattr(self.instance, "event", self.instance)
        digest = str(self.name).removesuffix(".webp")
        return reverse("events:picture", args=[event.slug, digest, width])

    @property
    def url(self) -> str:
        return self.url_at(WIDTHS[1])

    @property
    def small(self) -> str:
        return self.url_at(WIDTHS[0])

    @property
    def srcset(self) -> str:
        """All widths, for the browser to choose from."""
        return ", ".join(f"{self.url_at(width)} {width}w" for width in WIDTHS)


class PictureInput(forms.FileField):
    """A picture in a form: comes out made anew, or is refused in words that say what to do."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "max_length": None})

    def to_python(self, data: Any) -> Any:
        if isinstance(data, FieldFile) and data:
            return data  # a disabled field keeps what there is
        file: Any = super().to_python(data)
        if file is None:
            return None
        try:
            content = made_anew(file, file.size or 0)
        except BadPicture as bad:
            raise ValidationError(str(bad), code="invalid_picture") from bad
        name, size = name_of(content), len(content)
        return InMemoryUploadedFile(io.BytesIO(content), None, name, "image/webp", size, None)

    def widget_attrs(self, widget: forms.Widget) -> Any:
        return {**super().widget_attrs(widget), "accept": "image/*"}


class StoredFileField(models.FileField):
    """A file of ours. The sweep keeps what a column of this kind names, and nothing else."""

    keeper: storage.PrivateStorage

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "storage": self.keeper, "max_length": 100})

    def deconstruct(self) -> Any:
        """To migrations it is a column of text, wherever the files may lie."""
        name, _, args, kwargs = super().deconstruct()
        del kwargs["storage"]
        return name, "django.db.models.FileField", args, kwargs


class PictureField(StoredFileField):
    """A picture that was made anew (pictures.py), named by its content."""

    attr_class = PictureFile
    keeper = storage.pictures

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": PictureInput, **kwargs})


class DocumentFile(FieldFile):
    """A document, which its owner's page leads to."""

    @property
    def url(self) -> str:
        owner: Any = self.instance
        return str(owner.get_absolute_url())


class DocumentInput(forms.FileField):
    """A document in a form (documents.py)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "max_length": None})

    def to_python(self, data: Any) -> Any:
        file: Any = super().to_python(data)
        if file is not None:
            try:
                check_document(file, file.name or "", file.size or 0)
            except BadDocument as bad:
                raise ValidationError(str(bad), code="invalid_document") from bad
        return file


def _by_chance(instance: models.Model, filename: str) -> str:
    return uuid.uuid4().hex


class DocumentField(StoredFileField):
    """A document under a name of chance; the one that people know it by is a column beside it."""

    attr_class = DocumentFile
    keeper = storage.documents

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "upload_to": _by_chance})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "upload_to": ""}

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": DocumentInput, **kwargs})
