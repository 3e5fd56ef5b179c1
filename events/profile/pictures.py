"""People's pictures: taken in, made small and plain, shown to those who may see them."""

from __future__ import annotations

from io import BytesIO
from typing import IO, Any, Final

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from events.models import ProfilePicture, Registration, User
from events.permissions import PLANNERS, events_for_team

#: What a phone's camera makes fits.
MOST_BYTES: Final = 8 * 1024 * 1024
#: In memory at once; a JPEG is read at a fraction of its size, so those of any camera fit.
MOST_PIXELS: Final = 16_000_000
_SIDE: Final = 320
_FORMATS: Final = ("JPEG", "PNG", "WEBP")


def square_jpeg(file: IO[bytes]) -> bytes:
    """A square of 320 pixels out of the middle of a JPEG, PNG or WebP, as JPEG.

    Nothing of the file itself is kept: no EXIF, no place, no text. Raises ValidationError that
    says what to send instead.
    """
    # Only whoever sends a picture needs all this in memory.
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(file, formats=_FORMATS) as picture:
            picture.draft("RGB", (2 * _SIDE, 2 * _SIDE))
            if picture.width * picture.height > MOST_PIXELS:
                raise ValidationError(_("This picture has too many pixels. Make it smaller first."))
            turned = ImageOps.exif_transpose(picture).convert("RGBA")
            square = ImageOps.fit(turned, (_SIDE, _SIDE))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        # Pillow raises any of these on a file that is not what its first bytes say.
        raise ValidationError(
            _("This file cannot be read as a picture. Choose a JPEG, PNG or WebP.")
        ) from None
    plain = Image.new("RGB", square.size, "white")
    plain.paste(square, mask=square.getchannel("A"))
    made = BytesIO()
    plain.save(made, "JPEG", quality=85, optimize=True)
    return made.getvalue()


def picture_for(viewer: Any, person: User) -> ProfilePicture | None:
    """The person's picture if there is one, and ``viewer`` may see it.

    These are the person, superusers, and those who plan an event at which the person is
    registered.
    """
    if not viewer.is_authenticated or not (viewer == person or _plans_for(viewer, person)):
        return None
    return ProfilePicture.objects.filter(user=person).first()


def _plans_for(viewer: User, person: User) -> bool:
    if viewer.is_superuser:
        return True
    theirs = Q(event__in=events_for_team(viewer, PLANNERS).values("pk"))
    return Registration.objects.filter(theirs, user=person, withdrawn_at=None).exists()
