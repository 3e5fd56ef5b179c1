"""How long history is kept, and what becomes of it when a person is erased."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import models

from events.history.parts import ROOTS, read_states
from events.history.recording import people_in
from events.models import Event, ObjectHistory, ObjectVersion, Speaker, User

_AT_ONCE: Final = 1000


def forget_old_versions(now: datetime) -> int:
    """Delete versions beyond ``HISTORY_DAYS``, and all of what is gone since then."""
    before = now - timedelta(days=settings.HISTORY_DAYS)
    old = ObjectVersion.objects.filter(happened_at__lt=before).order_by("pk")
    pks = list(old.values_list("pk", flat=True)[:_AT_ONCE])
    count, _ = ObjectVersion.objects.filter(pk__in=pks).delete()
    gone, _ = ObjectHistory.objects.filter(removed_at__lt=before).delete()
    return count + gone


def forget_person(sender: type, user: User, note: Callable[[str, int], None], **_: Any) -> None:
    """Take somebody who is erased out of all history; who changed what is nobody's then.

    Of the profiles that were theirs the earlier versions go: an old name, an old biography. As
    it stands now a profile is the event's, and stays.
    """
    mine = ObjectHistory.objects.filter(people__contains=f",{user.pk},")
    for history in mine.select_for_update():
        versions = history.versions.all()
        if history.model == Speaker._meta.model_name:
            note(ObjectVersion._meta.label, versions.delete()[0])
        else:
            for version in versions:
                version.changes = _without_person(version.changes, user.pk)
                version.save(update_fields=["changes"])
                note(ObjectVersion._meta.label, 1)
        _record_silently(history, user)
    done = ObjectVersion.objects.filter(actor=user)
    note(ObjectVersion._meta.label, done.update(actor=None))


def _without_person(changes: dict[str, Any], user_pk: int) -> dict[str, Any]:
    mine = f"team/{user_pk}"
    return {
        path: pair
        for path, pair in changes.items()
        if path != mine and not path.startswith(f"{mine}/")
    }


def _record_silently(history: ObjectHistory, user: User) -> None:
    """What the erasure changes is no change that anybody made."""
    root = _root_named(history.model)
    found = read_states(root, [history.object_key], "default").get(history.object_key)
    state = found.state if found else history.state
    if state.get("user") == user.pk:
        state = {**state, "user": None}
    if root is Event:
        team = {key: row for key, row in state.get("team", {}).items() if key != str(user.pk)}
        state = {**state, "team": team}
        if not team:
            del state["team"]
    left = ",".join(key for key in history.people.split(",") if key != str(user.pk))
    history.state, history.people = state, people_in(state, left)
    history.save(update_fields=["state", "people"])


def _root_named(name: str) -> type[models.Model]:
    return next(root for root in ROOTS if root._meta.model_name == name)
