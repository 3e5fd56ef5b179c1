"""The environment the tests run in: nobody's .env, nobody's network."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

PARTNER_ID = 101
ADMIN_SECRET = "0123456789abcdef0123456789abcdef"

# The discard port: a call that forgot the simulator fails at once.
_NOWHERE = "http://127.0.0.1:9"

SETTINGS = {
    "ENV_FILE": "",
    "SECRET_KEY": "tests-only-tests-only-tests-only-tests-only-tests-only",
    "DEBUG": "false",
    "DEMO": "false",
    "SITE_URL": "http://localhost:8000",
    "ALLOWED_HOSTS": "localhost,127.0.0.1",
    "EMAIL_URL": "memorymail://",
    "DEFAULT_FROM_EMAIL": "Portal <portal@example.org>",
    "TIME_ZONE": "UTC",
    "STATIC_MANIFEST": "false",
    # A service worker between page and portal hides requests from what watches them.
    "OFFLINE_PAGES": "false",
    "STATIC_ROOT": "var/no-collected-files",
    "KALTURA_SERVICE_URL": _NOWHERE,
    "KALTURA_PARTNER_ID": str(PARTNER_ID),
    "KALTURA_ADMIN_SECRET": ADMIN_SECRET,
    "KALTURA_KAF_URL": _NOWHERE,
    "KALTURA_PARENT_CATEGORY": "KAF>site>channels",
    "KALTURA_PLAYER_UICONF_ID": "1201",
    "KALTURA_CONVERSION_PROFILE_ID": "1001",
    "KALTURA_ROOM_TEMPLATE_INTERACTIVE": "0_tmplroom",
    "KALTURA_ROOM_TEMPLATE_WEBINAR": "0_tmplwebi",
    "KALTURA_ROOM_TEMPLATE_STUDIO": "0_tmplstud",
    "KALTURA_INDEX_DELAY_S": "0.2",
    "PICTURE_HOSTS": "127.0.0.1",
    "KALTURA_TIMEOUT_S": "5",
    "WEB_PUSH_KEY": "",
    "WEB_PUSH_HOSTS": "127.0.0.1",
}
# Set on the developer's machine, any of these would change what the tests see.
_CLEARED = (
    "DEMO_MAIL_DIR EMBEDDED_WORKER WEB_CONCURRENCY TRUSTED_PROXY_COUNT METRICS_TOKEN HSTS_SECONDS "
    "KALTURA_APP_TOKEN_ID KALTURA_APP_TOKEN KALTURA_USER_ID KALTURA_WEBHOOK_SECRET "
    "NEWROW_API_URL NEWROW_API_TOKEN DATABASE_POOL LOG_LEVEL ACCESS_LOG "
    # A run starts hundreds of Python programs, and each would compile everything anew.
    "PYTHONDONTWRITEBYTECODE"
).split()


def prepare() -> None:
    """Set every variable, once; worker processes inherit them.

    TEST_DATABASE_URL and TEST_REDIS_URL choose the servers (``python -m tests``
    sets them for its PostgreSQL run); without them it is SQLite in a directory
    of this run, so that two runs at a time do not meet.
    """
    # Clearing the cache empties a Redis database: each worker process has its own.
    server = os.environ.get("TEST_REDIS_URL")
    if server:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
        os.environ["REDIS_URL"] = f"{server}?db={int(worker)}"
    if os.environ.get("TESTS_PREPARED"):
        return
    for name in _CLEARED:
        os.environ.pop(name, None)
    os.environ.update(SETTINGS, TESTS_PREPARED="yes", DJANGO_ALLOW_ASYNC_UNSAFE="true")
    folder = _folder()
    os.environ["DATABASE_URL"] = (
        os.environ.get("TEST_DATABASE_URL") or f"sqlite:///{folder}/portal.sqlite3"
    )
    os.environ["FILES_DIR"] = str(folder / "files")
    if not server:
        os.environ["REDIS_URL"] = ""


def _folder() -> Path:
    """A folder of this run's own, gone with it."""
    folder = Path(tempfile.mkdtemp(prefix="portal-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
