"""Counts for a monitoring system, as plain text (Prometheus exposition format)."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from django.conf import settings
from django.db.models import Count, Min, Model
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from events.models import Event, Registration, Session, User
from kaltura_bridge.models import ErrorKind, SyncState, SyncTarget
from portal import heartbeat


@dataclass(frozen=True)
class Sample:
    """One number, with the labels that tell it from its siblings."""

    value: float
    labels: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Gauge:
    """A metric: its name without the ``portal_`` prefix, its meaning, how to read it now."""

    name: str
    meaning: str
    read: Callable[[], Iterable[Sample]]


@never_cache
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Metrics for requests with METRICS_TOKEN and for superusers; for all others, a 404."""
    if not _may_read(request):
        return HttpResponseNotFound("Not found.\n", content_type="text/plain; charset=utf-8")
    text = "".join(_exposition(gauge) for gauge in GAUGES)
    return HttpResponse(text, content_type="text/plain; version=0.0.4; charset=utf-8")


def _may_read(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    wanted = settings.METRICS_TOKEN.encode()
    if wanted and secrets.compare_digest(given, wanted):
        return True
    return bool(request.user.is_active and request.user.is_superuser)


def _exposition(gauge: Gauge) -> str:
    name = f"portal_{gauge.name}"
    lines = [f"# HELP {name} {gauge.meaning}", f"# TYPE {name} gauge"]
    for sample in gauge.read():
        labels = ",".join(f'{key}="{_escape(text)}"' for key, text in sample.labels.items())
        lines.append(
            f"{name}{{{labels}}} {sample.value:g}" if labels else f"{name} {sample.value:g}"
        )
    return "\n".join(lines) + "\n"


def _escape(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _worker_age() -> Iterable[Sample]:
    age_s = heartbeat.age_s()
    return [] if age_s is None else [Sample(age_s)]


def _count_by(model: type[Model], label: str) -> Iterable[Sample]:
    rows = model._default_manager.order_by().values_list(label).annotate(Count("pk"))
    return [Sample(count, {label: str(value)}) for value, count in rows]


def _failures() -> Iterable[Sample]:
    """Failed objects by kind of problem; kinds that do not occur are left out."""
    failed = SyncTarget.objects.filter(state=SyncState.FAILED).order_by()
    counts = failed.values_list("error_kind").annotate(Count("pk"))
    return [Sample(count, {"kind": ErrorKind(kind).value}) for kind, count in counts]


def _longest_wait() -> Iterable[Sample]:
    waiting = SyncTarget.objects.exclude(state=SyncState.SYNCED)
    oldest = waiting.aggregate(oldest=Min("changed_at"))["oldest"]
    return [Sample((timezone.now() - oldest).total_seconds() if oldest else 0)]


GAUGES: Final[list[Gauge]] = [
    Gauge(
        "worker_heartbeat_age_seconds",
        "Seconds since the last heartbeat of a background worker.",
        _worker_age,
    ),
    Gauge("users", "Accounts.", lambda: [Sample(User.objects.count())]),
    Gauge("events", "Events by status.", lambda: _count_by(Event, "status")),
    Gauge("sessions", "Sessions by status.", lambda: _count_by(Session, "status")),
    Gauge("registrations", "Registrations.", lambda: [Sample(Registration.objects.count())]),
    Gauge("sync_targets", "Objects by sync state.", lambda: _count_by(SyncTarget, "state")),
    Gauge("sync_failures", "Objects that failed to sync, by kind of problem.", _failures),
    Gauge(
        "sync_longest_wait_seconds",
        "Seconds since the oldest change that has not reached Kaltura yet.",
        _longest_wait,
    ),
]
