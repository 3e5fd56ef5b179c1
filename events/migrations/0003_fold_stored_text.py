"""What is stored follows the rules of texts and times, before the database enforces them."""

import logging
from datetime import timedelta

from django.db import migrations

from events.bounds import (
    FIRST_DAY,
    FIRST_MOMENT,
    LAST_DAY,
    LAST_MOMENT,
    LONGEST_EVENT_DAYS,
    LONGEST_SESSION,
)
from events.characters import clean_line, clean_text

logger = logging.getLogger(__name__)

LINES = {
    "Event": ("title", "tagline", "location", "external_id"),
    "Track": ("name", "external_id"),
    "Speaker": ("name", "title", "external_id"),
    "Session": ("title", "subtitle", "location", "language", "external_id"),
    "User": ("name", "email"),
}
TEXTS = {
    "Event": ("description",),
    "Track": ("description",),
    "Speaker": ("biography",),
    "Session": ("abstract", "description"),
}
# Unique within its event (an address: everywhere), so two that become equal need a number.
UNIQUE = {("Track", "name"), ("Speaker", "external_id"), ("Session", "external_id")}
REQUIRED = {("Event", "title"), ("Track", "name"), ("Speaker", "name"), ("Session", "title")}
ROWS = 500


def fold_texts(apps, schema_editor):
    """Names on one line, and no character that some format cannot carry."""
    alias = schema_editor.connection.alias
    for model_name in LINES:
        rows = apps.get_model("events", model_name).objects.using(alias)
        lines, texts = LINES[model_name], TEXTS.get(model_name, ())
        for row in rows.only("pk", *lines, *texts).order_by("pk").iterator(ROWS):
            changes = {name: clean_line(getattr(row, name)) for name in lines}
            changes |= {name: clean_text(getattr(row, name)) for name in texts}
            changes = {n: new for n, new in changes.items() if new != getattr(row, n)}
            if changes:
                _make_usable(rows, model_name, row, changes)
                rows.filter(pk=row.pk).update(**changes)
                logger.warning("%s %s: folded %s", model_name, row.pk, ", ".join(changes))


def _make_usable(rows, model_name, row, changes):
    for name in changes:
        if not changes[name] and (model_name, name) in REQUIRED:
            changes[name] = f"{model_name} {row.pk}"
        others = rows.filter(**{name: changes[name]}).exclude(pk=row.pk)
        if (model_name, name) in UNIQUE and changes[name]:
            others = others.filter(event=row.event_id)
        elif name != "email":
            continue
        if others.exists():
            changes[name] = f"{row.pk}-{changes[name]}"[: row._meta.get_field(name).max_length]


def bound_times(apps, schema_editor):
    """Days and times that nobody can have meant become the nearest that are allowed."""
    alias = schema_editor.connection.alias
    for event in apps.get_model("events", "Event").objects.using(alias).order_by("pk"):
        first = min(max(event.starts_on, FIRST_DAY), LAST_DAY)
        longest = first + timedelta(days=LONGEST_EVENT_DAYS - 1)
        last = max(first, min(event.ends_on, LAST_DAY, longest))
        _bound(event, starts_on=first, ends_on=last)
    sessions = apps.get_model("events", "Session").objects.using(alias).order_by("pk")
    for session in sessions.only("pk", "starts_at", "ends_at").iterator(ROWS):
        length = min(session.ends_at - session.starts_at, LONGEST_SESSION)
        latest = LAST_MOMENT - timedelta(seconds=1) - length
        start = min(max(session.starts_at, FIRST_MOMENT), latest)
        _bound(session, starts_at=start, ends_at=start + length)


def _bound(row, **times):
    changes = {name: new for name, new in times.items() if new != getattr(row, name)}
    if changes:
        type(row).objects.using(row._state.db).filter(pk=row.pk).update(**changes)
        logger.warning("%s %s: bounded %s", row._meta.object_name, row.pk, ", ".join(changes))


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0002_keep_status_before_removal"),
    ]

    operations = [
        migrations.RunPython(fold_texts, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(bound_times, migrations.RunPython.noop, elidable=True),
    ]
