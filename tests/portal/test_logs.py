"""No log line gives a KS, a token or a secret away."""

import logging
import sys

import pytest

from kaltura_bridge.api.masking import MASK, mask
from portal.logs import MaskingFormatter, logging_config

KS = "djJ8MTAxfEFBQkJDQ0RERUVGRkdHSEhJSUpKS0tMTE1NTk5PT1BQ-_=="


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (
            f"GET /hosted/index/view-entry/ks/{KS} 200",
            f"GET /hosted/index/view-entry/ks/{MASK} 200",
        ),
        (
            "GET /embeddedrooms/index/view-room/ks/OldStyleKs99 200",
            f"GET /embeddedrooms/index/view-room/ks/{MASK} 200",
        ),
        (f"said {KS} twice {KS}.", f"said {MASK} twice {MASK}."),
        (
            "POST /api_v3/?service=x&ks=abcdefgh&format=1",
            f"POST /api_v3/?service=x&ks={MASK}&format=1",
        ),
        ("GET /me/agenda/3fXk29ab.ics 200", f"GET /me/agenda/{MASK} 200"),
        ("GET /join/?ticket=a1b2c3d4 200", f"GET /join/?ticket={MASK} 200"),
        ("{'ks': 'abcdefgh', 'id': 7}", f"{{'ks': '{MASK}', 'id': 7}}"),
        ('{"adminSecret": "0123456789abcdef"}', f'{{"adminSecret": "{MASK}"}}'),
        ("Session 1_abcdefgh moved to 09:00.", "Session 1_abcdefgh moved to 09:00."),
        ("tasks: 7 of 9 done", "tasks: 7 of 9 done"),
    ],
)
def test_mask_hides_what_opens_something_and_nothing_else(text, masked):
    assert mask(text) == masked


def test_formatter_masks_arguments_known_secrets_and_tracebacks():
    formatter = MaskingFormatter("%(levelname)s %(message)s", secrets=["topsecret", ""])
    try:
        raise ValueError(f"refused topsecret at /ks/{KS}")
    except ValueError:
        record = logging.LogRecord(
            "x", logging.ERROR, "f.py", 1, "Sent %s with %s", (KS, "topsecret"), sys.exc_info()
        )

    line = formatter.format(record)

    assert line.startswith(f"ERROR Sent {MASK} with {MASK}\nTraceback")
    assert line.endswith(f"ValueError: refused {MASK} at /ks/{MASK}")


def test_every_logger_ends_at_the_masked_handler():
    config = logging_config(level="INFO", access_log=True, secrets=[])

    assert config["handlers"]["console"]["formatter"] == "masked"
    assert {
        name: tuple(made["handlers"]) for name, made in config["loggers"].items()
    } == dict.fromkeys(
        (
            "django",
            "gunicorn.error",
            "gunicorn.access",
            "waitress",
            "waitress.queue",
            "celery",
            "kombu",
            "urllib3.connectionpool",
        ),
        ("console",),
    )


@pytest.mark.parametrize(("access_log", "level"), [(True, "INFO"), (False, "WARNING")])
def test_access_log_is_a_choice(access_log, level):
    config = logging_config(level="INFO", access_log=access_log, secrets=[])

    assert config["loggers"]["gunicorn.access"]["level"] == level
