"""Push and Recreate for many at once, from lists: previewed first, then done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.i18n.languages import Words
from events.models import Event
from kaltura_bridge.admin.base import render_page
from kaltura_bridge.fields import label_of, show_value
from kaltura_bridge.models import RemoteLink, SyncTarget
from kaltura_bridge.repair import actions
from kaltura_bridge.repair.choices import (
    Change,
    ChoicePreview,
    counted,
    recreate_changes,
    recreate_notes,
)
from kaltura_bridge.repair.diff import identity_of
from kaltura_bridge.sync.desired import remembered_fields, remembered_specs

SHOWN: Final = 50
Targets = QuerySet[SyncTarget]


@dataclass(frozen=True)
class BulkVerb:
    """A verb for many: its preview, what does it, and the message when there is nothing to do."""

    preview: Callable[[Targets], ChoicePreview]
    do: Callable[[Targets], str]
    nothing: Words


def bulk_page(
    modeladmin: Any, request: HttpRequest, chosen: QuerySet[Any], targets: Targets, verb: str
) -> HttpResponse | None:
    """The preview to confirm; None when exactly that was confirmed, or nothing is to be done.

    ``chosen``: the rows of the list, ``targets``: their sync targets.
    """
    bulk = BULK_VERBS[verb]
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


def _push(targets: Targets) -> ChoicePreview:
    links = RemoteLink.objects.filter(target__in=targets.values("pk")).select_related("target")
    drifted = [link for link in links if link.drift]
    planned = remembered_fields(remembered_specs([link.target for link in drifted]))
    zones = _zones(drifted)
    changes = [
        change
        for link in drifted
        for change in _overwritten(link, planned.get(identity_of(link), {}), zones)
    ]
    return ChoicePreview(
        _("Push over changes made at Kaltura?"),
        _("%(counted_field)s at Kaltura will be overwritten with what is planned here.")
        % {"counted_field": counted(len(changes), "field")},
        changes,
        confirm=_("Push to Kaltura"),
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


def _recreate(targets: Targets) -> ChoicePreview:
    gone = actions.gone_of(targets)
    return ChoicePreview(
        _("Recreate what was deleted at Kaltura?"),
        _("%(counted_object)s will be created again, as planned here.")
        % {"counted_object": counted(len(gone), "object")},
        recreate_changes(gone),
        recreate_notes(gone),
        confirm=_("Recreate"),
    )


def _do_push(targets: Targets) -> str:
    return _("%(counted_field)s will be pushed to Kaltura.") % {
        "counted_field": counted(actions.push(targets), "field")
    }


def _do_recreate(targets: Targets) -> str:
    return _("%(counted_object)s will be recreated.") % {
        "counted_object": counted(actions.recreate(targets), "object")
    }


BULK_VERBS: Final[Mapping[str, BulkVerb]] = {
    "push": BulkVerb(_push, _do_push, gettext_lazy("Nothing was changed at Kaltura.")),
    "recreate": BulkVerb(_recreate, _do_recreate, gettext_lazy("Nothing is missing at Kaltura.")),
}
