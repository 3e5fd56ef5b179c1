"""What the demo runs, where it keeps its data, and the settings it runs with.

DEBUG is off: the demo shows the product as in production, with hashed static files,
real error pages and every security header. Only TLS is missing on localhost.
"""

import hashlib
import os
import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from portal.demo.services import may_hold_postgres

ROOT: Final = Path(__file__).resolve().parent.parent.parent
DEFAULT_HOME: Final = ROOT / "var" / "demo"
HOST: Final = "127.0.0.1"

# The local Kaltura's account.
_PARTNER_ID: Final = "101"
_FURTHER_REPORTS: Final = (
    "engagement,realtime,highlights,audience,attendees,timeline,platforms,participation"
)


@dataclass(frozen=True)
class DemoConfig:
    """What the command line chose; everything else follows from that."""

    port: int
    kaltura_port: int
    with_services: bool = False
    home: Path = DEFAULT_HOME

    @property
    def data(self) -> Path:
        """Where this kind of demo keeps its data; with and without services they differ."""
        return self.home / "services" if self.with_services else self.home

    @property
    def logs(self) -> Path:
        """The folder of the processes' logs."""
        return self.data / "logs"

    @property
    def mail(self) -> Path:
        """The folder of the demo mailbox."""
        return self.home / "mail"

    @property
    def site_url(self) -> str:
        """The address people open."""
        return f"http://localhost:{self.port}"

    @property
    def kaltura_url(self) -> str:
        """The local Kaltura's address, for browsers too."""
        return f"http://localhost:{self.kaltura_port}"

    @property
    def simulator_command(self) -> list[str]:
        """Starts the local Kaltura."""
        command = [sys.executable, "-m", "kaltura_simulator"]
        command += ["--bind", f"{HOST}:{self.kaltura_port}"]
        command += ["--data", str(self.data / "kaltura.sqlite3")]
        command += ["--partner-id", _PARTNER_ID]
        # It calls the portal alone, and fetches nothing.
        command += ["--notify-hosts", f"{HOST}:{self.port},localhost:{self.port}"]
        for option in ("--admin-secret", "--user-secret", "--newrow-token"):
            command += [option, self.kaltura_secret(option.strip("-"))]
        return command

    def kaltura_secret(self, name: str) -> str:
        """A secret of the local Kaltura's account.

        The API answers pages of all sites, so what opens it must differ with each installation.
        """
        return _kept_secret(self.home / f"kaltura-{name}", lambda: secrets.token_hex(16))

    def env(self, database_url: str = "", redis_url: str = "") -> dict[str, str]:
        """The portal's settings, and of our own environment only what any program needs."""
        # Only who starts the demo needs it, and it loads a library of its own.
        from events.push.keys import new_key

        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return inherited | {
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "ENV_FILE": "",
            "DEMO": "true",
            "DEMO_MAIL_DIR": str(self.mail),
            "DEBUG": "false",
            "SECRET_KEY": _kept_secret(self.home / "secret-key", lambda: secrets.token_urlsafe(64)),
            "SITE_URL": self.site_url,
            "ALLOWED_HOSTS": f"localhost,{HOST}",
            "STATIC_ROOT": str(self.home / "static"),
            "FILES_DIR": str(self.home / "files"),
            "BIND": f"{HOST}:{self.port}",
            "DATABASE_URL": database_url or f"sqlite:///{self.data / 'portal.sqlite3'}",
            "REDIS_URL": redis_url,
            "EMAIL_URL": "consolemail://",  # DEMO replaces this with its own mailbox.
            "DEFAULT_FROM_EMAIL": "Event portal <portal@demo.example>",
            "WEB_PUSH_KEY": _kept_secret(self.home / "web-push-key", new_key),
            "KALTURA_SERVICE_URL": f"http://{HOST}:{self.kaltura_port}",
            "KALTURA_KAF_URL": self.kaltura_url,
            "KALTURA_PARTNER_ID": _PARTNER_ID,
            "KALTURA_ADMIN_SECRET": self.kaltura_secret("admin-secret"),
            "KALTURA_WEBHOOK_SECRET": self.kaltura_secret("admin-secret"),
            "KALTURA_PARENT_CATEGORY": "KAF>site>channels",
            "KALTURA_PLAYER_UICONF_ID": "1201",
            "KALTURA_CONVERSION_PROFILE_ID": "1001",
            "KALTURA_SIMULIVE_ACCESS_CONTROL_ID": "1102",
            "KALTURA_ROOM_TEMPLATE_INTERACTIVE": "0_tmplroom",
            "KALTURA_ROOM_TEMPLATE_WEBINAR": "0_tmplwebi",
            "KALTURA_ROOM_TEMPLATE_STUDIO": "0_tmplstud",
            "KALTURA_INDEX_DELAY_S": "2",
            # The local Kaltura has them all, so that reports and live desks show what they add.
            "KALTURA_FURTHER_REPORTS": _FURTHER_REPORTS,
        }


def postgres_home(home: Path) -> Path:
    """Where the demo's PostgreSQL keeps its data: a place that its user can reach.

    Started by root inside a private folder, that is a folder of this demo in /var/tmp.
    """
    inside = home / "services" / "postgres"
    if may_hold_postgres(inside):
        return inside
    name = hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:12]
    return Path("/var/tmp") / f"portal-demo-{name}"  # noqa: S108  The name is ours alone.


def _kept_secret(path: Path, make: Callable[[], str]) -> str:
    """Random, and kept in a file that only its owner reads, so that restarts change nothing."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(make())
    return path.read_text()
