"""A private PostgreSQL and Redis, on Unix sockets: no ports taken.

For ``make demo SERVICES=1`` and for the tests. PostgreSQL refuses to run as
root, so for root it runs as the ``postgres`` user that Debian's package makes.
"""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from portal.demo.processes import Child

_START_S: Final = 30
_DATABASE: Final = "portal"
# For tests: data that can be created again, so speed matters more than power cuts.
_FAST: Final = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def may_hold_postgres(home: Path) -> bool:
    """Whether PostgreSQL's user can reach ``home``: for root, that is another user."""
    if os.geteuid() != 0:
        return True
    existing = [folder for folder in home.parents if folder.exists()]
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in existing)


class ServiceError(Exception):
    """A server that is not installed or does not start; the text says what to do."""


class Postgres:
    """One PostgreSQL cluster with one empty database, kept in ``home`` between runs."""

    def __init__(self, home: Path, sockets: Path, *, durable: bool = True) -> None:
        """Start it, creating the cluster if ``home`` has none.

        ``sockets`` must be short: the path of a Unix socket has room for 107 bytes, unix(7).
        Without ``durable`` it is faster, and a power cut may lose data.
        """
        self._user = _unprivileged_user()
        self._home = home
        self._sockets = sockets
        self._data = home / "data"
        for folder in (home, sockets):
            _open_folder(folder, self._user)
        if not (self._data / "PG_VERSION").exists():
            self._init()
        self._start(durable)
        self._create_database()

    @property
    def url(self) -> str:
        """DATABASE_URL of the database."""
        return f"postgres://postgres@/{self._sockets}/{_DATABASE}"

    @property
    def pid(self) -> int:
        """The id of the server's first process."""
        return self._server.pid

    def stop(self) -> None:
        """Stop at once, even if clients are connected."""
        self._server.ask_to_stop()
        self._server.wait(10)

    def _init(self) -> None:
        options = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-locale"]
        self._run("initdb", f"--pgdata={self._data}", "--no-sync", *options)

    def _start(self, durable: bool) -> None:
        settings = ["listen_addresses=", f"unix_socket_directories={self._sockets}"]
        settings += ["max_connections=100", *([] if durable else _FAST)]
        arguments = [part for setting in settings for part in ("-c", setting)]
        with (self._home / "postgres.log").open("ab") as log:
            # SIGINT is PostgreSQL's fast stop; SIGTERM would wait for every client.
            self._server = Child(
                "PostgreSQL",
                [_program("postgres"), "-D", str(self._data), *arguments],
                user=self._user,
                cwd=self._home,
                log=log,
                stop_signal=signal.SIGINT,
            )
        _wait_until(self._answers, self._server, self._home / "postgres.log")

    def _answers(self) -> bool:
        return self._try("pg_isready", "-q", "-h", str(self._sockets)).returncode == 0

    def _create_database(self) -> None:
        query = f"SELECT 1 FROM pg_database WHERE datname = '{_DATABASE}'"  # noqa: S608  No input.
        connect = ["-h", str(self._sockets), "-U", "postgres"]
        found = self._try("psql", *connect, "-d", "postgres", "-tAc", query).stdout
        if not found.strip():
            self._run("createdb", *connect, _DATABASE)

    def _run(self, program: str, *arguments: str) -> None:
        done = self._try(program, *arguments)
        if done.returncode:
            raise ServiceError(f"{program} failed: {done.stderr.strip() or done.stdout.strip()}")

    def _try(self, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [_program(program), *arguments],
            user=self._user,
            group=self._user,
            extra_groups=[] if self._user else None,
            cwd=self._home,
            capture_output=True,
            text=True,
            check=False,
        )


class Redis:
    """One Redis server that stores nothing on disk."""

    def __init__(self, home: Path) -> None:
        """Start it. ``home`` holds its socket, so its path must be short."""
        home.mkdir(parents=True, exist_ok=True)
        self._socket = home / "redis.sock"
        self._socket.unlink(missing_ok=True)
        options = ["--port", "0", "--unixsocket", str(self._socket), "--dir", str(home)]
        options += ["--save", "", "--appendonly", "no"]
        with (home / "redis.log").open("ab") as log:
            self._server = Child("Redis", [_program("redis-server"), *options], cwd=home, log=log)
        _wait_until(self._socket.exists, self._server, home / "redis.log")

    @property
    def url(self) -> str:
        """REDIS_URL of the server."""
        return f"unix://{self._socket}"

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._server.pid

    def stop(self) -> None:
        """Stop it; its contents are lost."""
        self._server.ask_to_stop()
        self._server.wait(5)


def _unprivileged_user() -> str | None:
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        raise ServiceError(
            "There is no user postgres. Install it: apt-get install postgresql"
        ) from None


def _open_folder(folder: Path, user: str | None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if user:
        shutil.chown(folder, user, user)
    folder.chmod(0o755)


def _program(name: str) -> str:
    """The program's path. Debian keeps PostgreSQL's outside PATH, in a folder per version."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    search = os.pathsep.join([*map(str, folders), os.environ.get("PATH", os.defpath)])
    found = shutil.which(name, path=search)
    if not found:
        package = "redis-server" if name == "redis-server" else "postgresql"
        raise ServiceError(f"{name} is not installed. Install it: apt-get install {package}")
    return found


def _version(folder: Path) -> float:
    try:
        return float(folder.parent.name)
    except ValueError:
        return 0.0


def _wait_until(answers: Callable[[], bool], server: Child, log: Path) -> None:
    deadline = time.monotonic() + _START_S
    while not answers():
        if server.exit_code is not None or time.monotonic() > deadline:
            server.ask_to_stop()
            server.wait(5)
            lines = log.read_text(errors="replace").strip().splitlines()[-3:]
            raise ServiceError(f"{server.name} did not start: " + " / ".join(lines))
        time.sleep(0.05)
