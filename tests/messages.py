"""``python -m tests.messages``: renew the catalogues in locale/ from the sources; ``make messages``.

xgettext finds the texts, as Django has it. The compiled files are written here, and are
committed: a fresh machine needs no gettext.
"""

from __future__ import annotations

import ast
import os
import re
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
NAMES: Final = ROOT / "portal" / "i18n" / "model_names.py"
# The rule by which a language chooses among the forms of a count. gettext's own rules for
# these have forms of which our texts make no use (a million of something, a pair).
PLURALS: Final = {
    "de": "nplurals=2; plural=(n != 1);",
    "es": "nplurals=2; plural=(n != 1);",
    "fr": "nplurals=2; plural=(n > 1);",
    "he": "nplurals=2; plural=(n != 1);",
}
# Held to be complete by tests/portal/test_messages.py.
COMPLETE: Final = frozenset(PLURALS)
IGNORED: Final = ("kaltura_simulator/*", "tests/*", ".venv/*", ".boot/*", "var/*", "staticfiles/*")
_MAGIC: Final = 0x950412DE
_NAMED: Final = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}")
_TAG: Final = re.compile(r"</?(\w+)")


@dataclass
class Message:
    """One text of a catalogue: ``translations`` by the number of its form."""

    text: str = ""
    plural: str = ""
    context: str = ""
    translations: list[str] = field(default_factory=list)
    is_fuzzy: bool = False

    @property
    def key(self) -> str:
        """As compiled files know it."""
        text = f"{self.text}\0{self.plural}" if self.plural else self.text
        return f"{self.context}\x04{text}" if self.context else text

    @property
    def is_translated(self) -> bool:
        return not self.is_fuzzy and bool(self.translations) and all(self.translations)

    def problems(self) -> Iterator[str]:
        """What a translation may not lose: placeholders and tags."""
        sources = [self.text, self.plural or self.text]
        for number, translation in enumerate(self.translations):
            source = sources[min(number, 1)]
            wanted, found = _placeholders(source), _placeholders(translation)
            missing = wanted - found
            if self.plural and number == 0 and len(missing) == 1:
                missing = set()  # The form for one may say "one" instead of the count.
            if translation and (missing or found - wanted - _placeholders(sources[1])):
                yield f"{source!r} has {sorted(wanted)}, {translation!r} has {sorted(found)}"
            if translation and sorted(_TAG.findall(source)) != sorted(_TAG.findall(translation)):
                yield f"{translation!r} has other tags than {source!r}"


def _placeholders(text: str) -> set[str]:
    return {match[1] or "{" + match[2] + "}" for match in _NAMED.finditer(text)}


def catalogue(code: str) -> Path:
    """The file with the translations into a language."""
    return ROOT / "locale" / code / "LC_MESSAGES" / "django.po"


def read(path: Path) -> list[Message]:
    """The messages of a .po file, in order; the first is its header."""
    found, message, part = [], Message(), ""
    for line in [*path.read_text("utf-8").splitlines(), ""]:
        if not line.strip():
            if message.text or message.translations:
                found.append(message)
            message, part = Message(), ""
        elif line.startswith("#,"):
            message.is_fuzzy = "fuzzy" in line
        elif not line.startswith("#"):
            keyword, quoted = re.fullmatch(r'(?:([a-z_]+(?:\[\d+\])?) )?(".*")', line).groups()
            part = keyword or part
            _append(message, part, ast.literal_eval(quoted), starts=bool(keyword))
    return found


def _append(message: Message, part: str, text: str, *, starts: bool) -> None:
    if part.startswith("msgstr"):
        message.translations[-1:] = (
            [*message.translations[-1:], text] if starts else [message.translations[-1] + text]
        )
    else:
        name = {"msgid": "text", "msgid_plural": "plural", "msgctxt": "context"}[part]
        setattr(message, name, getattr(message, name) + text)


def compiled(messages: list[Message]) -> bytes:
    """The same catalogue as a .mo file; always the same bytes for the same texts.

    Layout: https://www.gnu.org/software/gettext/manual/html_node/MO-Files.html
    """
    header, *rest = messages
    texts = {"": header.translations[0]}
    texts |= {each.key: "\0".join(each.translations) for each in rest if each.is_translated}
    pairs = sorted((key.encode(), text.encode()) for key, text in texts.items())
    head, table = 28, 8 * len(pairs)
    at = head + 2 * table
    offsets, data = [], b""
    for column in (0, 1):
        for pair in pairs:
            offsets.append((len(pair[column]), at + len(data)))
            data += pair[column] + b"\0"
    start = struct.pack("<7I", _MAGIC, 0, len(pairs), head, head + table, 0, at)
    return start + b"".join(struct.pack("<2I", *each) for each in offsets) + data


def model_names() -> str:
    """The file that shows gettext what models and fields are called."""
    from portal.i18n.naming import plain_names

    lines = "".join(f'    _("{name}"),\n' for name in sorted(plain_names()))
    return (
        '"""What models and fields are called: `make messages` writes this, see naming.py."""\n\n'
        "from django.utils.translation import gettext_lazy as _\n\n"
        f"NAMES = (\n{lines})\n"
    )


def header(code: str) -> str:
    """The first entry of a catalogue: no names and no dates, which only make conflicts."""
    lines = [
        "Project-Id-Version: kaltura-event-portal",
        f"Language: {code}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=UTF-8",
        "Content-Transfer-Encoding: 8bit",
        f"Plural-Forms: {PLURALS[code]}",
    ]
    return 'msgid ""\nmsgstr ""\n' + "".join(f'"{line}\\n"\n' for line in lines)


def _tidy(code: str) -> None:
    """Our own header instead of xgettext's, and none of msgmerge's guesses."""
    path = catalogue(code)
    _, _, rest = path.read_text("utf-8").partition("\n\n")
    entries = "\n\n".join(_without_guess(entry) for entry in rest.split("\n\n"))
    path.write_text(f"{header(code)}\n{entries}", "utf-8")


def _without_guess(entry: str) -> str:
    """A translation that msgmerge took from a similar text reads like a right one, and is not."""
    if not re.search(r"^#,.*\bfuzzy\b", entry, re.M):
        return entry
    entry = re.sub(r"^#\|.*\n", "", entry, flags=re.M)
    entry = re.sub(r"^#, fuzzy\n", "", entry, flags=re.M)
    entry = re.sub(r"^(#,.*?)(?:, fuzzy\b|fuzzy, )", r"\1", entry, flags=re.M)
    return re.sub(r'^(msgstr(?:\[\d\])?) "(?:.*)"(?:\n".*")*', r'\1 ""', entry, flags=re.M)


def _prepare(code: str) -> None:
    """A new language begins with the plural rule that ``makemessages`` shall count by."""
    path = catalogue(code)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(header(code), "utf-8")


def main() -> None:
    """Renew everything, and say how much is left to translate."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    os.environ.setdefault("TEST_DATABASE_URL", "sqlite://:memory:")
    import django

    django.setup()
    NAMES.write_text(model_names(), "utf-8")
    for code in PLURALS:
        _prepare(code)
    options = [option for path in IGNORED for option in ("--ignore", path)]
    languages = [option for code in PLURALS for option in ("--locale", code)]
    subprocess.run(
        [sys.executable, "manage.py", "makemessages", "--no-obsolete", "--add-location", "file",
         "--extension", "html,txt,py", *options, *languages],
        cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    for code in PLURALS:
        _tidy(code)
        messages = read(catalogue(code))
        catalogue(code).with_suffix(".mo").write_bytes(compiled(messages))
        done = sum(each.is_translated for each in messages[1:])
        print(f"{code}: {done} of {len(messages) - 1} translated")


if __name__ == "__main__":
    main()
