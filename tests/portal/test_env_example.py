""".env.example names every setting there is, each with a comment, and nothing else."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Set by the demo and by the tests for themselves; nobody writes them into a .env.
INTERNAL = {"DEMO", "DEMO_MAIL_DIR", "DATABASE_POOL"}


def names_read() -> set[str]:
    """The settings that portal/settings.py reads, and gunicorn's address."""
    source = (ROOT / "portal/settings.py").read_text()
    names = set(re.findall(r"env\.\w+\(\s*f?\"([A-Z_]+)[\"{]", source))
    rooms = {f"KALTURA_ROOM_TEMPLATE_{kind}" for kind in ("INTERACTIVE", "WEBINAR", "STUDIO")}
    return (names - {"KALTURA_ROOM_TEMPLATE_"}) | rooms | {"BIND"}


def test_env_example_names_every_setting():
    example = (ROOT / ".env.example").read_text()
    named = set(re.findall(r"^#? ?([A-Z][A-Z_]+)=", example, re.MULTILINE))

    assert named == names_read() - INTERNAL


def test_env_example_explains_every_setting():
    paragraphs = (ROOT / ".env.example").read_text().strip().split("\n\n")
    with_settings = [text for text in paragraphs if re.search(r"^#?[A-Z_]+=", text, re.MULTILINE)]

    assert [text for text in with_settings if not text.startswith("# ")] == []
