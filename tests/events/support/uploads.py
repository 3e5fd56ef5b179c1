"""Files as a browser sends them."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image


def picture_bytes(form: str = "JPEG", size: tuple[int, int] = (800, 450), **more: Any) -> bytes:
    """A picture of two colours, left and right."""
    image = Image.new(more.pop("mode", "RGB"), size, more.pop("color", "#1f6feb"))
    image.paste("#ffffff", (0, 0, size[0] // 2, size[1]))
    buffer = BytesIO()
    image.save(buffer, form, **more)
    return buffer.getvalue()


def upload(content: bytes, name: str = "picture.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)
