"""Who changes something just now, and from where: the context in which history is recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from celery.signals import task_postrun, task_prerun
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from events.models import ChangeSource, VersionKind


@dataclass(frozen=True)
class ChangeAuthor:
    """Without a request or a task around it, a change is a command's, or the shell's."""

    source: str = ChangeSource.COMMAND
    # Asked only when something is recorded: most requests change nothing.
    actor: Callable[[], int | None] = lambda: None
    person: Callable[[], Any] = lambda: None
    note: str = ""
    kind: str = VersionKind.CHANGED


_author: ContextVar[ChangeAuthor | None] = ContextVar("change_author", default=None)
_BY_COMMAND = ChangeAuthor()


def author() -> ChangeAuthor:
    return _author.get() or _BY_COMMAND


@contextmanager
def acting(
    source: str = "", actor: Any = None, *, note: str = "", kind: str = ""
) -> Iterator[None]:
    """What is changed within comes from there; what is not said stays as around it.

    It goes around ``changes()``: recorded is what a transaction did, at its end.
    ``actor`` is a person. ``note`` says more, such as the name of a release.
    """
    more: dict[str, Any] = {}
    if source:
        more["source"] = source
    if actor is not None:
        more["actor"] = lambda: actor.pk
        more["person"] = lambda: actor
    if note:
        more["note"] = note[:200]
    if kind:
        more["kind"] = kind
    token = _author.set(replace(author(), **more))
    try:
        yield
    finally:
        _author.reset(token)


class ChangeAuthorMiddleware:
    """Whoever sends a request is the author of what it changes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asks = ChangeAuthor(
            _source_of(request), lambda: _person(request), lambda: getattr(request, "user", None)
        )
        token = _author.set(asks)
        try:
            return self.get_response(request)
        finally:
            _author.reset(token)


def _person(request: HttpRequest) -> int | None:
    user = getattr(request, "user", None)
    return user.pk if user is not None and user.is_authenticated else None


def _source_of(request: HttpRequest) -> str:
    if not request.path.startswith(reverse("admin:index")):
        return ChangeSource.SITE
    return ChangeSource.PLANNER if "/planner/" in request.path else ChangeSource.ADMIN


# Tasks run one at a time in each thread.
_of_tasks: ContextVar[list[Any] | None] = ContextVar("authors_of_tasks", default=None)


def _task_begins(task: Any, **_: Any) -> None:
    is_kaltura = str(task.name).startswith("kaltura")
    source = ChangeSource.KALTURA if is_kaltura else ChangeSource.PORTAL
    before = [*(_of_tasks.get() or []), _author.get()]
    _of_tasks.set(before)
    _author.set(ChangeAuthor(source))


def _task_ends(task: Any, **_: Any) -> None:
    before = _of_tasks.get() or [None]
    _author.set(before[-1])
    _of_tasks.set(before[:-1])


task_prerun.connect(_task_begins, dispatch_uid="history_task_begins", weak=False)
task_postrun.connect(_task_ends, dispatch_uid="history_task_ends", weak=False)
