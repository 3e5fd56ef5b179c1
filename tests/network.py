"""No test reaches beyond this machine: not from a thread, not from a forked child.

An audit hook sees every connection and every look-up of a name that Python code of this
process makes, whichever library asks. It cannot be undone, which is the point.
https://docs.python.org/3/library/audit_events.html
"""

from __future__ import annotations

import ipaddress
import socket
import sys
from typing import Any, Final

# Names that no resolver knows, by RFC 2606 and 6761: tests may ask for them and hear so.
_NOBODY: Final = ("test", "invalid", "example", "example.com", "example.net", "example.org")
_LOOK_UPS: Final = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
_CONNECTIONS: Final = ("socket.connect", "socket.sendto", "socket.sendmsg")

#: Who was asked for since the last test, should somebody have swallowed the error.
attempts: list[str] = []


class NetworkUsed(RuntimeError):
    """A test asked for somebody beyond this machine."""


def block() -> None:
    """From now on, and until this process ends."""
    sys.addaudithook(_judge)


def _judge(event: str, args: tuple[Any, ...]) -> None:
    if not event.startswith("socket."):
        return
    if event in _LOOK_UPS:
        _judge_name(args[0])
    elif event in _CONNECTIONS and args[0].family in (socket.AF_INET, socket.AF_INET6):
        _judge_address(args[1])


def _judge_address(address: tuple[Any, ...] | None) -> None:
    # A socket that is connected already sends without an address.
    if address is not None and not _is_here(address[0]):
        _refuse(f"{address[0]}:{address[1]}")


def _judge_name(name: str | bytes | None) -> None:
    text = name.decode() if isinstance(name, bytes) else name or "localhost"
    if _is_address(text) or _is_here(text):
        return
    if any(f".{text.lower()}".endswith(f".{ending}") for ending in _NOBODY):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    _refuse(text)


def _is_address(text: str) -> bool:
    """Written in figures, so that looking it up asks nobody; connecting is judged by itself."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_here(host: str) -> bool:
    if not _is_address(host):
        return host == "localhost" or host.endswith(".localhost") or host == socket.gethostname()
    address = ipaddress.ip_address(host)
    return address.is_loopback or address.is_unspecified


def _refuse(whom: str) -> None:
    attempts.append(whom)
    raise NetworkUsed(f"A test asked for {whom}. Point it at the local Kaltura or at 127.0.0.1.")
