"""Requests in a closed loop: so many connections, each asking again when it has its answer.

By ``wrk`` where it is installed, which costs the shared cores less; else by threads of ours.
"""

from __future__ import annotations

import re
import shutil
import socket
import statistics
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CONNECTIONS: Final = 8
TIMEOUT_S: Final = 30.0
_UNITS_MS: Final = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


@dataclass(frozen=True)
class Load:
    """What came of it; times are of whole answers, in milliseconds."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    failed: int

    @property
    def per_s(self) -> float:
        """Answers in a second."""
        return self.requests / self.seconds


class Connection:
    """One kept connection to a server of this machine."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def ask(self, path: str, headers: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
        """Status, headers in lower case, and body. Raises OSError when the server hangs up."""
        lines = [f"GET {path} HTTP/1.1", f"Host: localhost:{self._port}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        request = ("\r\n".join(lines) + "\r\n\r\n").encode()
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), TIMEOUT_S)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._socket.sendall(request)
            return self._read()
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """The next question opens another."""
        if self._socket:
            self._socket.close()
        self._socket = None

    def _read(self) -> tuple[int, dict[str, str], bytes]:
        assert self._socket
        head, body = bytearray(), b""
        while b"\r\n\r\n" not in head:
            head += self._more()
        text, _, body = bytes(head).partition(b"\r\n\r\n")
        first, *lines = text.decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        content = bytearray(body)
        while len(content) < int(headers.get("content-length", 0)):
            content += self._more()
        if headers.get("connection", "").lower() == "close":
            self.close()
        return int(first.split()[1]), headers, bytes(content)

    def _more(self) -> bytes:
        assert self._socket
        piece = self._socket.recv(262_144)
        if not piece:
            raise ConnectionError("The server hung up.")
        return piece


def load(port: int, path: str, headers: Mapping[str, str], seconds: float, status: int) -> Load:
    """Ask for ``path`` as fast as the answers come; any status but ``status`` has failed."""
    wrk = shutil.which("wrk")
    if wrk and status == 200:
        return _by_wrk(wrk, port, path, headers, seconds)
    return _by_threads(port, path, headers, seconds, status)


def _by_threads(
    port: int, path: str, headers: Mapping[str, str], seconds: float, status: int
) -> Load:
    took: list[float] = []
    failed: list[int] = []
    ends = time.monotonic() + seconds

    def run() -> None:
        connection = Connection(port)
        while (began := time.monotonic()) < ends:
            try:
                if connection.ask(path, headers)[0] != status:
                    failed.append(1)
            except OSError:
                failed.append(1)
            took.append(time.monotonic() - began)
        connection.close()

    began = time.monotonic()
    threads = [threading.Thread(target=run) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return summed(took, time.monotonic() - began, len(failed))


def summed(took: list[float], seconds: float, failed: int) -> Load:
    """The figures of answers that took so many seconds each."""
    cuts = statistics.quantiles(took, n=100) if len(took) > 1 else [0.0] * 99
    return Load(len(took), seconds, 1000 * cuts[49], 1000 * cuts[98], failed)


def _by_wrk(wrk: str, port: int, path: str, headers: Mapping[str, str], seconds: float) -> Load:
    given = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    options = ["-t1", f"-c{CONNECTIONS}", f"-d{round(seconds)}s", "--latency", *given]
    command = [wrk, *options, f"http://127.0.0.1:{port}{path}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return read_wrk(done.stdout)


def read_wrk(text: str) -> Load:
    """The figures in what ``wrk --latency`` prints."""
    total = re.search(r"(\d+) requests in ([\d.]+)(us|ms|s|m)", text)
    if total is None:
        raise RuntimeError(f"wrk said: {text}")
    cuts = {name: float(n) * _UNITS_MS[unit] for name, n, unit in _CUTS.findall(text)}
    other = sum(int(n) for n in re.findall(r"Non-2xx or 3xx responses: (\d+)", text))
    errors = re.search(r"Socket errors: (.*)", text)
    failed = other + sum(int(n) for n in re.findall(r"\d+", errors[1] if errors else ""))
    seconds = float(total[2]) * _UNITS_MS[total[3]] / 1000
    return Load(int(total[1]), seconds, cuts["50"], cuts["99"], failed)


_CUTS: Final = re.compile(r"^\s+(50|99)%\s+([\d.]+)(us|ms|s|m)\s*$", re.MULTILINE)


def cpu_s(pids: list[int]) -> float:
    """CPU seconds that these processes have had so far."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / _TICKS_PER_S


def memory_mib(pid: int) -> float:
    """What the process has in memory (resident), in MiB."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


_TICKS_PER_S: Final = 100
