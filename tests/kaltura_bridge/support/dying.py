"""A sender in a process of its own that ends by ``kill -9`` at one chosen remote write."""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable
from typing import Any

import requests
from django.db import connections

from events.models import Event
from kaltura_bridge.api import client
from kaltura_bridge.sync import batch, links, service

BEFORE, AFTER_CALL, AFTER_REPLY = "before the call", "after the call", "after the reply"
MOMENTS = (BEFORE, AFTER_CALL, AFTER_REPLY)
WRONG = 70


def sync_and_die(event: Event, write: str, moment: str) -> bool:
    """Sync in a child that dies at its first ``write`` (service.action). Whether it died there.

    Writes go one by one, so that everything before it is done and nothing after it.
    """
    connections.close_all()
    _forget_connections()
    child = os.fork()
    if child == 0:
        _live_and_die(event, write.lower(), moment)
    _, status = os.waitpid(child, 0)
    assert not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0, "the sender failed by itself"
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def _forget_connections() -> None:
    """Two processes on one connection would read each other's answers."""
    if hasattr(client._local, "session"):
        client._local.session.close()
        del client._local.session


def _live_and_die(event: Event, write: str, moment: str) -> None:
    try:
        _arm(write, moment)
        service.settle(service.targets_of(event), 20)
    except BaseException:
        traceback.print_exc()
        os._exit(WRONG)
    os._exit(0)


def _arm(write: str, moment: str) -> None:
    batch.BATCH = 1
    client.GuardedClient._post = _posting(client.GuardedClient._post, write, moment)
    if moment == AFTER_REPLY:
        links.LinkStore.record = _recording(links.LinkStore.record)


def _posting(
    original: Callable[..., requests.Response], write: str, moment: str
) -> Callable[..., requests.Response]:
    def post(self: Any, url: str, params: Any, files: Any) -> requests.Response:
        meets = write in _writes(params.get())
        if meets and moment == BEFORE:
            _die()
        answer = original(self, url, params, files)
        if meets and moment == AFTER_CALL:
            _die()
        _SEEN["met"] = meets
        return answer

    return post


_SEEN = {"met": False}


def _recording(original: Callable[..., Any]) -> Callable[..., Any]:
    def record(self: Any, *arguments: Any) -> Any:
        if _SEEN["met"]:
            _die()
        return original(self, *arguments)

    return record


def _writes(params: Any) -> set[str]:
    """The calls of a multirequest as service.action, in small letters and without plugins."""
    calls = params.values() if isinstance(params, dict) else params
    named = (c for c in calls if isinstance(c, dict) and "service" in c)
    return {f"{c['service'].rpartition('_')[2]}.{c['action']}".lower() for c in named}


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
