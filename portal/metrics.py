"""Counts for a monitoring system, as plain text (Prometheus exposition format)."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from events.models import Event, Registration, Session, User
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
    """Metrics for the holder of METRICS_TOKEN and for superusers; for others, no such page."""
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


def _by(rows: Iterable[Mapping[str, object]], label: str) -> list[Sample]:
    return [Sample(float(str(row["n"])), {label: str(row[label])}) for row in rows]


GAUGES: Final[list[Gauge]] = [
    Gauge(
        "worker_heartbeat_age_seconds",
        "Seconds since a background worker gave a sign of life.",
        _worker_age,
    ),
    Gauge("users", "Accounts.", lambda: [Sample(User.objects.count())]),
    Gauge(
        "events",
        "Events by status.",
        lambda: _by(Event.objects.order_by().values("status").annotate(n=Count("pk")), "status"),
    ),
    Gauge(
        "sessions",
        "Sessions by status.",
        lambda: _by(Session.objects.order_by().values("status").annotate(n=Count("pk")), "status"),
    ),
    Gauge("registrations", "Registrations.", lambda: [Sample(Registration.objects.count())]),
]
