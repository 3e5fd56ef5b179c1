"""Push ours and Recreate for many at once, from lists: looked at first, then done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from events.models import Event
from kaltura_bridge.admin.base import render_page
from kaltura_bridge.fields import label_of, show_value
from kaltura_bridge.models import RemoteLink, SyncTarget
from kaltura_bridge.repair import actions
from kaltura_bridge.repair.choices import Change, Preview, counted, recreate_notes, recreated
from kaltura_bridge.repair.diff import identity_of
from kaltura_bridge.sync.desired import remembered_fields, remembered_specs

SHOWN: Final = 50
Targets = QuerySet[SyncTarget]


@dataclass(frozen=True)
class Bulk:
    """A verb for many: its preview, what does it, and what to say when there is nothing to do."""

    preview: Callable[[Targets], Preview]
    do: Callable[[Targets], str]
    nothing: str


def bulk_page(
    modeladmin: Any, request: HttpRequest, chosen: QuerySet[Any], targets: Targets, verb: str
) -> HttpResponse | None:
    """The question, or None when it was answered with yes to exactly that (or needs none).

    ``chosen``: the rows of the list, ``targets``: what they are on their way as.
    """
    bulk = BULK[verb]
    preview = bulk.preview(targets)
    if not preview.changes:
        messages.info(request, bulk.nothing)
        return None
    shown = request.POST.get("shown", "")
    if shown == preview.fingerprint:
        messages.success(request, bulk.do(targets))
        return None
    across = request.POST.get("select_across") == "1"
    pks = list(chosen.values_list("pk", flat=True)[: 1 if across else None])
    context = {
        "preview": replace(preview, changes=preview.changes[:SHOWN]),
        "fingerprint": preview.fingerprint,
        "more": max(len(preview.changes) - SHOWN, 0),
        "changed_since": bool(shown),
        "chosen": [str(pk) for pk in pks],
        "across": "1" if across else "0",
        "action": request.POST.get("action", ""),
        "checkbox_name": ACTION_CHECKBOX_NAME,
    }
    return render_page(modeladmin, request, "bulk", preview.title, context)


def _push(targets: Targets) -> Preview:
    links = RemoteLink.objects.filter(target__in=targets.values("pk")).select_related("target")
    drifted = [link for link in links if link.drift]
    planned = remembered_fields(remembered_specs([link.target for link in drifted]))
    zones = _zones(drifted)
    changes = [
        change
        for link in drifted
        for change in _overwritten(link, planned.get(identity_of(link), {}), zones)
    ]
    return Preview(
        "Push ours over what changed at Kaltura?",
        f"{counted(len(changes), 'field')} at Kaltura will be overwritten with what is planned "
        "here.",
        changes,
        yes="Yes, overwrite it at Kaltura",
    )


def _overwritten(
    link: RemoteLink, planned: Mapping[str, str], zones: Mapping[object, ZoneInfo]
) -> list[Change]:
    zone = zones.get(link.target.event_uuid, ZoneInfo("UTC"))
    return [
        Change(
            f"{link.target}: {link.get_kind_display().lower()} {label_of(link.kind, name)}",
            show_value(link.kind, name, theirs, zone),
            show_value(link.kind, name, planned.get(name, written), zone),
        )
        for name, (written, theirs) in link.drift.items()
    ]


def _zones(links: list[RemoteLink]) -> dict[object, ZoneInfo]:
    uuids = {link.target.event_uuid for link in links}
    found = Event.objects.filter(uuid__in=uuids).values_list("uuid", "timezone")
    return {uuid: ZoneInfo(name) for uuid, name in found}


def _recreate(targets: Targets) -> Preview:
    gone = actions.gone_of(targets)
    return Preview(
        "Recreate what was deleted at Kaltura?",
        f"{counted(len(gone), 'object')} will be made anew, as planned here.",
        recreated(gone),
        recreate_notes(gone),
        yes="Yes, make it anew",
    )


def _do_push(targets: Targets) -> str:
    number = actions.push_ours(targets)
    return f"{counted(number, 'field')} will be written as planned here."


def _do_recreate(targets: Targets) -> str:
    return f"{counted(actions.recreate(targets), 'object')} will be made anew."


BULK: Final[Mapping[str, Bulk]] = {
    "push": Bulk(_push, _do_push, "Nothing there differs from what we wrote."),
    "recreate": Bulk(_recreate, _do_recreate, "Nothing of it is missing at Kaltura."),
}
