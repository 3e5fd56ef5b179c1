from __future__ import annotations

import io
import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageCms

from events.files import pictures
from events.files.pictures import BadPicture, made_anew, name_of, narrowed
from tests.events.support.uploads import picture_bytes


def anew(content: bytes) -> Image.Image:
    return Image.open(BytesIO(made_anew(BytesIO(content), len(content))))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_pictures_of_every_kind_become_webp(form):
    found = anew(picture_bytes(form))

    assert (found.format, found.size) == ("WEBP", (800, 450))


def test_large_pictures_are_made_smaller_and_keep_their_shape():
    assert anew(picture_bytes(size=(4000, 1000))).size == (1920, 480)
    assert anew(picture_bytes(size=(1000, 4000))).size == (480, 1920)


def test_what_a_camera_writes_beside_the_picture_is_gone():
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    exif[0x8825] = {1: "N", 2: (52.0, 30.0, 0.0)}

    found = anew(picture_bytes(exif=exif, comment=b"secret"))

    assert (dict(found.getexif()), found.info.get("comment"), found.info.get("exif")) == (
        {},
        None,
        None,
    )


def test_a_picture_taken_sideways_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees

    assert anew(picture_bytes(size=(800, 400), exif=exif)).size == (400, 800)


def test_what_is_transparent_stays_so():
    image = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    buffer = BytesIO()
    image.save(buffer, "PNG")

    found = anew(buffer.getvalue()).convert("RGBA")

    assert found.getpixel((32, 32))[3] == 0


def test_colours_of_a_profile_are_kept_without_it():
    """A lab's grey in a profile of its own comes out as that grey."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    found = anew(picture_bytes("PNG", color="#808080", icc_profile=profile))

    assert found.info.get("icc_profile") is None
    assert all(abs(channel - 0x80) < 6 for channel in found.convert("RGB").getpixel((700, 200)))


def test_broken_profiles_do_no_harm():
    assert anew(picture_bytes("PNG", icc_profile=b"nonsense" * 40)).size == (800, 450)


def test_cmyk_and_sixteen_bits_come_in():
    assert anew(picture_bytes("JPEG", mode="CMYK", color=(0, 255, 0, 0))).mode == "RGB"
    deep = Image.new("I;16", (64, 64), 40_000)
    buffer = BytesIO()
    deep.save(buffer, "PNG")
    assert anew(buffer.getvalue()).mode == "RGB"


def png_header(width: int, height: int) -> bytes:
    """A PNG of such a size with nothing in it: decoding it would fill the memory."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        end = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + end

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b""))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "no picture"),
        (b"GIF89a", "no picture"),
        (picture_bytes()[:2000], "damaged"),
        (png_header(6_000, 6_000), "6000 × 6000 pixels, more than 24 million"),
        (png_header(60_000, 60_000), "far too many pixels"),
        (png_header(500, 500), "damaged"),
        (picture_bytes("PNG", (8, 400)), "8 × 400 pixels; each side needs 16"),
    ],
    ids=["empty", "svg", "short gif", "cut", "large", "bomb", "hollow", "thin"],
)
def test_what_is_no_picture_is_refused_in_words(content, said):
    with pytest.raises(BadPicture, match=said):
        made_anew(BytesIO(content), len(content))


def test_large_files_are_refused_before_they_are_read(monkeypatch):
    def never(*_: Any) -> None:
        raise AssertionError("It was read.")

    monkeypatch.setattr(Image, "open", never)
    with pytest.raises(BadPicture, match=r"The file has 20\.0 MB; a picture may have 10"):
        made_anew(io.BytesIO(), 20 * 1024 * 1024)


def test_a_picture_is_named_by_what_it_shows():
    one, other = picture_bytes(), picture_bytes(color="#ff0000")
    names = [name_of(made_anew(BytesIO(c), len(c))) for c in (one, one, other)]

    assert names[0] == names[1] != names[2]


def test_narrower_pictures_keep_their_shape_and_never_grow():
    content = made_anew(BytesIO(picture_bytes()), 1)

    sizes = [Image.open(BytesIO(narrowed(content, width))).size for width in pictures.WIDTHS]

    assert sizes == [(320, 180), (640, 360), (800, 450), (800, 450)]
