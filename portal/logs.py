"""Log lines without secrets.

A KS is a bearer token, and it travels in URLs: of API calls, of KAF pages, and so in
exceptions about either. So we mask at the very end, in the finished line with its
traceback, for our own logs and gunicorn's alike.
"""

import logging
from collections.abc import Iterable
from typing import Any

from kaltura_bridge.api.masking import mask


class MaskingFormatter(logging.Formatter):
    """Formats as usual, then masks the whole of it, the traceback included."""

    def __init__(self, fmt: str, secrets: Iterable[str] = ()) -> None:
        """``secrets`` are values that must never show, wherever they appear."""
        super().__init__(fmt)
        self._secrets = [secret for secret in secrets if secret]

    def format(self, record: logging.LogRecord) -> str:
        """The finished line, masked."""
        return mask(super().format(record), self._secrets)


def logging_config(*, level: str, access_log: bool, secrets: list[str]) -> dict[str, Any]:
    """A dictConfig for every process: one masked line per record, on standard error."""
    plain = {"handlers": ["console"], "level": level, "propagate": False}
    quiet = {**plain, "level": "WARNING" if level == "INFO" else level}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "masked": {
                "()": "portal.logs.MaskingFormatter",
                "fmt": "%(asctime)s %(levelname)-7s %(name)s: %(message)s",
                "secrets": secrets,
            },
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "masked"},
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Django mails its errors to ADMINS and hides them with DEBUG off; we log them.
            "django": plain,
            "gunicorn.error": plain,
            # gunicorn writes one INFO line a request.
            "gunicorn.access": {**plain, "level": "INFO" if access_log else "WARNING"},
            "waitress": quiet,
            # It warns whenever a request waits for a thread, if only for a millisecond.
            "waitress.queue": {**plain, "level": "ERROR"},
            # At INFO they log a line for every task received.
            "celery": quiet,
            "kombu": quiet,
            # It warns about every retry; our own log line says once that Kaltura does not answer.
            "urllib3.connectionpool": {**plain, "level": "ERROR"},
        },
    }
