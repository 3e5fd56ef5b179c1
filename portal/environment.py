"""Typed reading of the environment, with errors an operator can act on.

django-environ does the parsing; this adds the checks that it leaves out. It reads any
unknown word as False and takes any scheme for a database; we stop instead and say
which variable is wrong and what it should look like.
"""

import re
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ
from django.core.exceptions import ImproperlyConfigured

_REQUIRED: Final = object()
_TRUE = {"true", "yes", "on", "1", "y", "t"}
_FALSE = {"false", "no", "off", "0", "n", "f"}
_ORIGIN = re.compile(r"https?://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:\d{1,5})?")
_DATABASES = ("django.db.backends.sqlite3", "django.db.backends.postgresql")


class SettingError(ImproperlyConfigured):
    """A setting that is missing or malformed; the text names it and its right form."""


def _in_one_line(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if isinstance(error, SettingError):
        sys.stderr.write(f"{error}\n")
    else:
        sys.__excepthook__(kind, error, trace)


# Whichever program meets a bad setting (celery, a script): one line, without a traceback.
sys.excepthook = _in_one_line


class Environment:
    """The process environment, read by type.

    Every getter takes the variable's name, its default (without one the
    variable is required) and ``like``: what a right value looks like.
    """

    def __init__(self, env_file: Path | None = None) -> None:
        """Read ``env_file`` too when it exists; the real environment wins over it."""
        self._env = environ.Env()
        if env_file and env_file.is_file():
            self._env.read_env(env_file)

    def text(
        self,
        name: str,
        default: Any = _REQUIRED,
        *,
        like: str,
        pattern: str = "",
        secret: bool = False,
    ) -> str:
        """A text; ``pattern`` must match all of it, and ``secret`` keeps it out of the error."""
        value = self._raw(name)
        if not value:
            return str(self._default(name, default, like))
        if pattern and not re.fullmatch(pattern, value):
            raise self._wrong(name, "" if secret else value, like)
        return value

    def flag(self, name: str, default: Any = _REQUIRED) -> bool:
        """A yes or no, written as a word we know."""
        like = "true or false"
        value = self._raw(name).lower()
        if not value:
            return bool(self._default(name, default, like))
        if value not in _TRUE | _FALSE:
            raise self._wrong(name, value, like)
        return value in _TRUE

    def number(self, name: str, default: Any = _REQUIRED, *, like: str, least: int = 0) -> int:
        """A whole number, at least ``least``."""
        value = self.optional_number(name, like=like, least=least)
        return int(self._default(name, default, like)) if value is None else value

    def optional_number(self, name: str, *, like: str, least: int = 1) -> int | None:
        """A whole number, or None when the variable is empty."""
        value = self._raw(name)
        if not value:
            return None
        if not value.isascii() or not value.isdigit() or int(value) < least:
            raise self._wrong(name, value, like)
        return int(value)

    def seconds(self, name: str, default: float, *, like: str) -> float:
        """A length of time in seconds, with decimals if need be."""
        value = self._raw(name)
        if not value:
            return default
        if not re.fullmatch(r"\d+(\.\d+)?", value):
            raise self._wrong(name, value, like)
        return float(value)

    def words(
        self, name: str, default: list[str], *, like: str, slashes: bool = False
    ) -> list[str]:
        """A list written with commas; its words hold no blanks, and ``slashes`` only if so."""
        found = [word.strip() for word in self._raw(name).split(",") if word.strip()]
        if any(re.search(r"\s" if slashes else r"[\s/]", word) for word in found):
            raise self._wrong(name, ",".join(found), like)
        return found or default

    def origin(self, name: str, default: Any = _REQUIRED, *, like: str) -> str:
        """An http(s) address without a trailing slash, query or fragment."""
        value = self._raw(name)
        if not value:
            return str(self._default(name, default, like))
        try:
            parts = urlsplit(value)
            fits = parts.scheme in {"http", "https"} and bool(parts.hostname)
            fits = fits and not (parts.query or parts.fragment or parts.username)
            parts.port  # noqa: B018  Raises on a port that is no number.
        except ValueError:
            fits = False
        if not fits or re.search(r"\s", value):
            raise self._wrong(name, value, like)
        return value.rstrip("/")

    def origins(self, name: str, default: list[str], *, like: str) -> list[str]:
        """Scheme, host and port of several servers, written with commas; no wildcard."""
        found = [word.strip() for word in self._raw(name).split(",") if word.strip()]
        if any(not _ORIGIN.fullmatch(word) for word in found):
            raise self._wrong(name, ",".join(found), like)
        return found or default

    def zone(self, name: str, default: str) -> str:
        """An IANA time zone name."""
        value = self._raw(name) or default
        try:
            return ZoneInfo(value).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise self._wrong(
                name, value, "an IANA time zone, for example UTC or Europe/Berlin"
            ) from None

    def database(self, name: str, default: str, *, base_dir: Path) -> dict[str, Any]:
        """A Django database from its URL; a relative SQLite path is taken from ``base_dir``."""
        like = "sqlite:///var/portal.sqlite3 or postgres://user:password@host:5432/name"
        value = self._raw(name) or default
        if value.partition("://")[0] not in {"sqlite", "postgres", "postgresql"}:
            raise self._wrong(name, "", like)
        try:
            found: dict[str, Any] = self._env.db_url_config(value)
        except (ValueError, ImproperlyConfigured):
            raise self._wrong(name, "", like) from None
        if found.get("ENGINE") not in _DATABASES or not found.get("NAME"):
            raise self._wrong(name, "", like)
        if found["ENGINE"] == _DATABASES[0] and found["NAME"] != ":memory:":
            found["NAME"] = str(base_dir / found["NAME"])
        return found

    def email(self, name: str, default: Any = _REQUIRED) -> dict[str, Any]:
        """Django's EMAIL_* settings from one URL."""
        like = "smtp+tls://user:password@mail.example.org:587, or consolemail:// to print mails"
        value = self._raw(name) or str(self._default(name, default, like))
        try:
            found: dict[str, Any] = self._env.email_url_config(value)
        except (ValueError, KeyError, ImproperlyConfigured):
            raise self._wrong(name, "", like) from None
        if value.startswith("smtp") and not found.get("EMAIL_HOST"):
            raise self._wrong(name, "", like)
        return {key: setting for key, setting in found.items() if setting is not None}

    def _raw(self, name: str) -> str:
        # Not env.str(): it takes a value that begins with $ for the name of another variable.
        return str(self._env.ENVIRON.get(name, "")).strip()

    @staticmethod
    def _default(name: str, default: Any, like: str) -> Any:
        if default is _REQUIRED:
            raise SettingError(f"{name} is missing. It should be {like}.")
        return default

    @staticmethod
    def _wrong(name: str, value: str, like: str) -> SettingError:
        shown = f" ({value!r})" if value else ""
        return SettingError(f"{name} is malformed{shown}. It should be {like}.")
