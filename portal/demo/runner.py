"""Starts the demo's processes, watches them, and stops them in order."""

import fcntl
import json
import shutil
import signal
import socket
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO, Final, Self

from portal.demo import mail
from portal.demo.config import HOST, ROOT, DemoConfig, postgres_home
from portal.demo.processes import Child
from portal.demo.services import Postgres, Redis, ServiceError

_READY_S: Final = 60
_STOP_S: Final = 4
# Something that keeps ending needs a look at its log, not another start.
_MOST_RESTARTS: Final = 10
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class DemoError(Exception):
    """The demo cannot go on; the text says why and what to do."""


class Stop(BaseException):
    """Somebody asked the demo to stop. Not an Exception, so no ``except`` in between stops it."""


class Demo:
    """All processes of the demo. Leaving the ``with`` block stops every one."""

    def __init__(self, config: DemoConfig) -> None:
        """Nothing starts before the ``with`` block."""
        self.config = config
        self._children: list[Child] = []
        self._servers: list[Postgres | Redis] = []
        self._sockets: Path | None = None
        self._lock: IO[str] | None = None
        self._seen_mails: set[str] = set()
        self._restarts = 0

    def __enter__(self) -> Self:
        """From here on the first Ctrl-C stops the demo; later ones are ignored."""
        for number in _SIGNALS:
            signal.signal(number, _stop)
        self._lock = lock(self.config.home)
        self.config.data.mkdir(parents=True, exist_ok=True)
        for name, port in (("PORT", self.config.port), ("KALTURA_PORT", self.config.kaltura_port)):
            _check_free(name, port)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        """The portal first, then the local Kaltura and the servers it uses."""
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        _stop_together(self._children[1:])
        _stop_together(self._children[:1])
        for server in reversed(self._servers):
            server.stop()
        if self._sockets:
            shutil.rmtree(self._sockets, ignore_errors=True)
        return kind is Stop

    def start(self) -> None:
        """Start everything; returns when the portal reports that it is ready."""
        env = self._start_servers() if self.config.with_services else self.config.env()
        self._say("Starting the local Kaltura ...")
        self._start("kaltura", self.config.simulator_command, env)
        self._wait_for_port(self.config.kaltura_port)
        self._say("Preparing the database and the demo event ...")
        self._run("prepare", [sys.executable, "-m", "portal.demo.prepare"], env)
        self._seen_mails = set(mail.kept(self.config.mail))
        self._say("Starting the portal ...")
        self._start_portal(env)
        self._wait_until_ready()

    def watch(self) -> None:
        """Print mails as they come and start again what ends, until somebody asks to stop."""
        while True:
            self._start_ended_again()
            for name, found in mail.kept(self.config.mail).items():
                if name not in self._seen_mails:
                    self._seen_mails.add(name)
                    _print_mail(found)
            time.sleep(0.3)

    def _start_servers(self) -> dict[str, str]:
        self._say("Starting PostgreSQL and Redis ...")
        self._sockets = Path(tempfile.mkdtemp(prefix="portal-"))
        self._sockets.chmod(0o755)
        try:
            postgres = Postgres(postgres_home(self.config.home), self._sockets / "postgres")
            self._servers.append(postgres)
            redis = Redis(self._sockets / "redis")
            self._servers.append(redis)
        except ServiceError as error:
            raise DemoError(str(error)) from None
        return self.config.env(postgres.url, redis.url)

    def _start_portal(self, env: dict[str, str]) -> None:
        tools = Path(sys.executable).parent
        gunicorn = [str(tools / "gunicorn"), "-c", "python:portal.gunicorn", "portal.wsgi"]
        self._start("portal", gunicorn, env)
        if self.config.with_services:
            celery = [str(tools / "celery"), "-A", "portal"]
            self._start("worker", [*celery, "worker", "--concurrency", "2"], env)
            self._start("scheduler", [*celery, "beat"], env)

    def _start(self, name: str, command: list[str], env: dict[str, str]) -> Child:
        with self._log(name).open("wb") as log:
            child = Child(name, command, env=env, cwd=ROOT, log=log)
        self._children.append(child)
        return child

    def _run(self, name: str, command: list[str], env: dict[str, str]) -> None:
        child = self._start(name, command, env)
        while child.exit_code is None:
            time.sleep(0.05)
        self._children.remove(child)
        if child.exit_code:
            raise DemoError(self._why(child))
        for line in self._log(name).read_text(errors="replace").splitlines():
            self._say(f"  {line}")

    def _wait_for_port(self, port: int) -> None:
        deadline = time.monotonic() + _READY_S
        while time.monotonic() < deadline:
            self._check_children()
            with socket.socket() as probe:
                if probe.connect_ex((HOST, port)) == 0:
                    return
            time.sleep(0.05)
        raise DemoError(f"Nothing answers on port {port}. See {self._log('kaltura')}.")

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _READY_S
        missing = "nothing answers yet"
        while time.monotonic() < deadline:
            self._check_children()
            missing = _not_ready(f"http://{HOST}:{self.config.port}/health/ready")
            if not missing:
                return
            time.sleep(0.1)
        raise DemoError(f"The portal is not ready: {missing}. See {self._log('portal')}.")

    def _start_ended_again(self) -> None:
        for place, child in enumerate(self._children):
            if child.exit_code is None:
                continue
            self._restarts += 1
            if self._restarts > _MOST_RESTARTS:
                raise DemoError(self._why(child))
            self._say(f"{child.name} ended with exit code {child.exit_code}; starting it again.")
            child.wait(0)  # What it has left behind must not keep its port.
            with self._log(child.name).open("ab") as log:
                again = Child(child.name, child.command, env=child.env, cwd=ROOT, log=log)
            self._children[place] = again

    def _check_children(self) -> None:
        for child in self._children:
            if child.exit_code is not None:
                raise DemoError(self._why(child))

    def _why(self, child: Child) -> str:
        log = self._log(child.name)
        lines = log.read_text(errors="replace").strip().splitlines()[-12:]
        said = "\n".join(f"  | {line}" for line in lines)
        return f"{child.name} ended with exit code {child.exit_code}:\n{said}\nFull log: {log}"

    def _log(self, name: str) -> Path:
        self.config.logs.mkdir(parents=True, exist_ok=True)
        return self.config.logs / f"{name}.log"

    @staticmethod
    def _say(text: str) -> None:
        print(text, flush=True)


def lock(home: Path) -> IO[str]:
    """One demo at a time on one set of data; held until the process ends."""
    home.mkdir(parents=True, exist_ok=True)
    held = (home / "lock").open("w")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.close()
        raise DemoError("A demo is already running here. Stop it first with Ctrl-C.") from None
    return held


def _stop_together(children: list[Child]) -> None:
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + _STOP_S
    for child in children:
        child.wait(max(0.0, deadline - time.monotonic()))


def _stop(number: int, frame: FrameType | None) -> None:
    for each in _SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    raise Stop


def _check_free(name: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise DemoError(
                f"Port {port} is taken. Choose another: make demo {name}={port + 1}"
            ) from None


def _not_ready(url: str) -> str:
    """What is missing, in words; empty when the portal is ready."""
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310  Our own address.
            return ""
    except urllib.error.HTTPError as answer:
        parts = json.load(answer) if answer.code == 503 else {}
        named = {name: part for name, part in parts.items() if isinstance(part, dict)}
        lacking = [f"{name} {part['seen']}" for name, part in named.items() if not part["ok"]]
        return "; ".join(lacking) or f"it answers {answer.code}"
    except OSError as error:
        return str(error)


def _print_mail(found: mail.Mail) -> None:
    body = "\n".join(f"  | {line}" for line in found.body.strip().splitlines())
    print(f"\nMail to {', '.join(found.to)}: {found.subject}\n{body}", flush=True)
