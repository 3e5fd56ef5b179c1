"""Who changed an object since a form of it was drawn, as its history says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext as _

from events.history.parts import ROOTS
from events.models import ChangeSource, ObjectVersion

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Further back nobody looks, and more names nobody reads.
_VERSIONS: Final = 20
_NAMES: Final = 3


@dataclass(frozen=True)
class Changers:
    """By name; ``by_field`` the last who changed a field of the object itself."""

    everybody: str
    latest: str
    by_field: dict[str, str]

    def of(self, field: str) -> str:
        return self.by_field.get(field, self.everybody)


def changers_since(model: Any, pk: object, since: float | None, me: Any) -> Changers:
    """Who saved the object since then; "Somebody" where nothing says it. One query."""
    moment = datetime.fromtimestamp(since or 0, UTC)
    if model not in ROOTS:
        return _changers(list(_of_log(model, pk, moment, me)), {})
    versions = ObjectVersion.objects.filter(
        history__model=model._meta.model_name,
        history__object_key=int(str(pk)),
        happened_at__gte=moment,
    ).select_related("actor")
    by_field: dict[str, str] = {}
    everybody: list[str] = []
    for version in versions.order_by("-happened_at")[:_VERSIONS]:
        who = _name(version, me)
        everybody.append(who)
        for path in version.changes:
            by_field.setdefault(path.partition("/")[0], who)
    return _changers(everybody, by_field)


def _changers(names: list[str], by_field: dict[str, str]) -> Changers:
    """``names`` from the latest on."""
    return Changers(_together(names), names[0] if names else _("Somebody"), by_field)


def _of_log(model: Any, pk: object, moment: datetime, me: Any) -> Iterator[str]:
    """Of what has no history only what the admin saved is known."""
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(model),
        object_id=str(pk),
        action_time__gte=moment,
    )
    for entry in entries.select_related("user").order_by("-action_time")[:_VERSIONS]:
        yield _myself() if entry.user_id == me.pk else str(entry.user)


def _name(version: ObjectVersion, me: Any) -> str:
    if version.source == ChangeSource.IMPORT:
        return _("An import")
    if version.source == ChangeSource.KALTURA and version.actor is None:
        return "Kaltura"
    if version.actor is None:
        return _("The portal")
    return _myself() if version.actor_id == me.pk else str(version.actor)


def _myself() -> str:
    return _("You, in another window,")


def _together(names: Iterable[str]) -> str:
    """Each once; oneself only where there is nobody else."""
    found = list(dict.fromkeys(names))
    others = [name for name in found if name != _myself()] or found
    return ", ".join(others[:_NAMES]) or _("Somebody")
