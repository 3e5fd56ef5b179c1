"""The worker's look at an object that somebody wants to link to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from kaltura_bridge.api.account import Resources, resources_for
from kaltura_bridge.api.adapters import ADAPTERS
from kaltura_bridge.api.adapters.base import Lookup
from kaltura_bridge.api.adapters.owned import key_carried
from kaltura_bridge.api.client import Answer, Kaltura, wire
from kaltura_bridge.api.errors import KalturaError, user_message
from kaltura_bridge.fields import EMPTY, MOMENT
from kaltura_bridge.models import LookupVerdict, RelinkLookup
from kaltura_bridge.permissions import is_operator
from kaltura_bridge.repair.relinking import holders_of
from kaltura_bridge.specs import OURS, Kind

_TEMPLATES: Final = (
    "KALTURA_ROOM_TEMPLATE_INTERACTIVE",
    "KALTURA_ROOM_TEMPLATE_WEBINAR",
    "KALTURA_ROOM_TEMPLATE_STUDIO",
)
# Where Kaltura's classes keep what a person recognises an object by.
_NAMES: Final = ("name", "summary")
_OWNERS: Final = ("userId", "ownerId", "owner")
_CATEGORIES: Final = ("categories", "fullName")


def run_lookup(pk: int) -> None:
    """Look on behalf of the page, unless that was done already."""
    waiting = RelinkLookup.objects.filter(pk=pk, finished_at=None)
    lookup = waiting.select_related("link", "asked_by").first()
    if lookup is None:
        return
    try:
        _look(lookup, Kaltura())
    except KalturaError as error:
        lookup.error = user_message("to be read", error)
    lookup.finished_at = timezone.now()
    lookup.save(update_fields=["verdict", "carried", "facts", "error", "finished_at"])


def _look(lookup: RelinkLookup, kaltura: Kaltura) -> None:
    """Always the same calls, so that no refusal comes sooner than another."""
    kind = Kind(lookup.link.kind)
    resources = resources_for(kaltura)
    request = ADAPTERS[kind].get(lookup.remote_id)
    assert request is not None  # whatever can be relinked can be read by its ID
    answer = kaltura.ask_once([request])[0]
    if isinstance(answer, KalturaError) and not answer.error_class.waits_for_person:
        raise answer  # it says nothing of this object
    lookup.verdict = _verdict(lookup, answer, resources)
    if lookup.verdict != LookupVerdict.REFUSED:
        lookup.carried = key_carried(kind, answer)
        lookup.facts = [[label, text or EMPTY] for label, text in _facts(kind, answer)]


def _verdict(lookup: RelinkLookup, answer: Answer, resources: Resources) -> LookupVerdict:
    link, remote_id = lookup.link, lookup.remote_id
    kind = Kind(link.kind)
    shared = {str(getattr(settings, name) or "") for name in _TEMPLATES}
    shared.add(str(resources.parent_category_id))
    is_held = remote_id in shared or holders_of(link, remote_id).exists()
    if is_held or isinstance(answer, KalturaError):
        return LookupVerdict.REFUSED
    if ADAPTERS[kind].read(answer, Lookup({}, {}), resources) is None:  # another kind, or deleted
        return LookupVerdict.REFUSED
    carried = key_carried(kind, answer)
    if carried == link.key:
        return LookupVerdict.OWN
    is_free = not carried.startswith(OURS) and is_operator(lookup.asked_by)
    return LookupVerdict.FREE if is_free else LookupVerdict.REFUSED


def _facts(kind: Kind, raw: Any) -> Iterator[tuple[str, str]]:
    """What a person recognises an object by."""
    yield "Kind", kind.label
    yield "Name", _first(raw, _NAMES)
    yield "Owner", _first(raw, _OWNERS)
    yield "Created", MOMENT.show(wire(raw.createdAt), ZoneInfo("UTC"))
    yield "Categories", _first(raw, _CATEGORIES)
    yield "Reference", key_carried(kind, raw)


def _first(raw: Any, names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := wire(getattr(raw, name, "")))), "")
