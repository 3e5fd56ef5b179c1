"""Pictures that people upload, made anew: only what is seen is kept.

Whatever else was in the file (where it was taken, by whom, thumbnails of what was cut away,
or something that is no picture at all) does not come along. Pillow is loaded where a picture
is made, because most web processes never make one.
"""

from __future__ import annotations

import io
from hashlib import sha256
from typing import IO, TYPE_CHECKING, Final

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

MOST_BYTES: Final = 10 * 1024 * 1024
# Each takes four bytes while it is read. JPEGs, which cameras make larger, are read at a fraction.
MOST_PIXELS: Final = 24_000_000
LEAST_SIDE: Final = 16
# On the longer side; a page shows none larger than half of it, so screens with two dots a pixel
# have what they can show.
LONGEST_SIDE: Final = 1920
#: The widths that are sent; what is narrower is sent as it is.
WIDTHS: Final = (320, 640, 1280, 1920)
FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
QUALITY: Final = 82
JPEG_QUALITY: Final = 88


class BadPicture(Exception):
    """Why a file is not taken as a picture, and what to do; for people to read."""


def made_anew(file: IO[bytes], size: int) -> bytes:
    """The picture as WebP, upright, in sRGB and at most 1920 pixels long; its first frame.

    ``size`` is the file's in bytes. Raises BadPicture.
    """
    if size > MOST_BYTES:
        limit = MOST_BYTES // 1024 // 1024
        text = _("The file has %(size).1f MB; a picture may have %(limit)d. Save it smaller.")
        raise BadPicture(text % {"size": size / 1024 / 1024, "limit": limit})
    return _as_webp(_opened(file), LONGEST_SIDE)


def narrowed(content: bytes, width: int) -> bytes:
    """One of our own pictures with at most ``width`` pixels across."""
    from PIL import Image  # See above.

    image: Picture = Image.open(io.BytesIO(content))
    if image.width <= width:
        return content
    image = image.resize((width, max(1, round(image.height * width / image.width))))
    return _encoded(image)


def as_jpeg(content: bytes) -> bytes:
    """One of our own pictures for others who take no WebP; what is transparent becomes white."""
    from PIL import Image

    image: Picture = Image.open(io.BytesIO(content)).convert("RGBA")
    flat = Image.new("RGB", image.size, "white")
    flat.paste(image, mask=image.getchannel("A"))
    buffer = io.BytesIO()
    flat.save(buffer, "JPEG", quality=JPEG_QUALITY)
    return buffer.getvalue()


def name_of(content: bytes) -> str:
    """What a picture is called: by its content, so that it may be kept for ever."""
    return f"{sha256(content).hexdigest()[:40]}.webp"


def narrow_name(name: str, width: int) -> str:
    """The file with a narrower picture beside the picture itself."""
    return f"{name.removesuffix('.webp')}-{width}.webp"


def _opened(file: IO[bytes]) -> Picture:
    """The decoded picture; its size is known, and judged, before anything is decoded."""
    from PIL import Image, UnidentifiedImageError

    accepted = _("Choose a JPEG, PNG, WebP, AVIF or GIF picture.")
    try:
        image: Picture = Image.open(file, formats=FORMATS)
        image.draft(None, (LONGEST_SIDE, LONGEST_SIDE))
        _check_sides(*image.size)
        image.load()
    except BadPicture:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadPicture(_("The picture has far too many pixels.") + f" {_smaller()}") from None
    except UnidentifiedImageError:
        raise BadPicture(_("This is no picture that can be read here.") + f" {accepted}") from None
    # Decoders of half a dozen formats fail in as many ways on files that are cut off or forged.
    except Exception:
        text = _("The picture is damaged and cannot be read to its end.")
        raise BadPicture(f"{text} {accepted}") from None
    return image


def _smaller() -> str:
    return _("Save it smaller; 1920 pixels across are enough.")


def _check_sides(width: int, height: int) -> None:
    sides = {"width": width, "height": height}
    if width * height > MOST_PIXELS:
        text = _("The picture has %(width)d × %(height)d pixels, more than %(limit)d million.")
        raise BadPicture(f"{text % (sides | {'limit': MOST_PIXELS // 1_000_000})} {_smaller()}")
    if min(width, height) < LEAST_SIDE:
        text = _("The picture has %(width)d × %(height)d pixels; each side needs %(least)d.")
        raise BadPicture(text % (sides | {"least": LEAST_SIDE}))


def _as_webp(image: Picture, longest: int) -> bytes:
    from PIL import ImageOps

    image = ImageOps.exif_transpose(image)
    has_alpha = "A" in image.getbands() or "transparency" in image.info
    image = _in_srgb(image).convert("RGBA" if has_alpha else "RGB")
    image.thumbnail((longest, longest))
    return _encoded(image)


def _in_srgb(image: Picture) -> Picture:
    """With the colours that the file means, for its profile does not come along."""
    from PIL import ImageCms

    profile = image.info.get("icc_profile")
    if not profile or image.mode not in {"RGB", "CMYK", "L"}:
        return image
    try:
        found = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        srgb = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(image, found, srgb, outputMode="RGB")
    # A broken profile, or one for another kind of colours: as if there was none.
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return converted or image


def _encoded(image: Picture) -> bytes:
    from PIL import Image

    # A fresh picture: Pillow would write what it read beside the dots.
    bare = Image.frombytes(image.mode, image.size, image.tobytes())
    buffer = io.BytesIO()
    bare.save(buffer, "WEBP", quality=QUALITY, method=4)
    return buffer.getvalue()
