"""Who holds a claim: the name of a sender, by which others see whether it still lives.

On one machine a dead sender is recognised at once: its process is gone, or its number
belongs to a process that started later. On other machines only the lease decides.
"""

from __future__ import annotations

import os
import socket
import uuid
from functools import cache
from pathlib import Path


def new_holder() -> str:
    """A name for one claim of this process: machine, process, its start, and a random part."""
    pid = os.getpid()
    return f"{this_machine()}|{pid}|{_started(pid)}|{uuid.uuid4().hex[:12]}"


def is_alive(holder: str) -> bool:
    """Whether the process behind a holder of this machine still runs."""
    _, pid, started, _ = holder.rsplit("|", 3)
    return bool(started) and _started(int(pid)) == started


@cache
def this_machine() -> str:
    """This machine and process space, as long as it runs; other hosts get another name."""
    parts = [socket.gethostname()]
    try:
        # Another boot or another container counts process numbers from the start.
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8])
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    except OSError:  # no Linux: leases alone decide
        parts.append(uuid.uuid4().hex)
    return "/".join(parts).replace("|", "_")[:100]


def _started(pid: int) -> str:
    """When a process began, in the kernel's ticks; "" when there is no such process.

    Source: proc(5), /proc/pid/stat. The name in parentheses may hold anything, so what
    follows the last parenthesis is counted.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    state, *fields = stat.rpartition(")")[2].split()
    return "" if state in "ZX" else fields[18]
