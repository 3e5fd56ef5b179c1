"""People who stand on a stage twice, side by side; what is kept is chosen, then they are one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.actions import NotAllowed
from events.i18n.languages import Words
from events.models import Event, Speaker
from events.speakers.merging import (
    CHOSEN,
    MOST_MERGED,
    merge_speakers,
    merge_token,
    probable_doubles,
    speakers_to_merge,
)

_LABELS: Final[dict[str, Words]] = {
    "name": gettext_lazy("Name"),
    "title": gettext_lazy("Position and organisation"),
    "biography": gettext_lazy("Biography"),
    "picture": gettext_lazy("Picture"),
    "user": gettext_lazy("Account"),
    "slug": gettext_lazy("Address"),
}


@dataclass(frozen=True)
class MergeCell:
    """What one of them says of one field."""

    speaker: Speaker
    text: str
    picture: str
    is_chosen: bool


@dataclass(frozen=True)
class MergeRow:
    """One field, as each of them has it."""

    name: str
    label: Words
    cells: tuple[MergeCell, ...]

    @property
    def is_alike(self) -> bool:
        """Whether there is nothing to choose."""
        return len({(cell.text, cell.picture) for cell in self.cells}) == 1


def merge_page(modeladmin: Any, request: HttpRequest, event: Event) -> HttpResponse:
    """Ask who is who, show them, and merge what was shown."""
    pks = _numbers(request.POST.get("speaker") or request.GET.get("speaker", ""))
    speakers = speakers_to_merge(event, pks)
    for speaker in speakers:
        speaker.event = event
    is_asked = request.method == "POST" and "merge" in request.POST
    if is_asked and (kept := _merge(request, event, [speaker.pk for speaker in speakers])):
        modeladmin.log_change(request, event, f"Merged {len(speakers)} speakers: {kept.name}.")
        text = _("{name} stands there once now, with all sessions.").format(name=kept.name)
        messages.success(request, text)
        return redirect("admin:events_speaker_change", kept.pk)
    context = {
        **modeladmin.admin_site.each_context(request),
        "title": _("Merge speakers of “{event}”").format(event=event),
        "event": event,
        "speakers": speakers if len(speakers) > 1 else [],
        "rows": _rows(speakers, request.POST if is_asked else {}),
        "kept": _kept(speakers, request.POST if is_asked else {}),
        "token": merge_token(speakers),
        "asked": ",".join(str(speaker.pk) for speaker in speakers),
        "left_out": len(pks) > MOST_MERGED,
        "most": MOST_MERGED,
        "hints": [] if len(speakers) > 1 else probable_doubles(event),
        "opts": modeladmin.opts,
    }
    return TemplateResponse(request, "admin/events/stage/merge.html", context)


def _numbers(text: str) -> list[int]:
    parts = text.split(",")
    return [int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 19]


def _kept(speakers: list[Speaker], said: Any) -> int | None:
    """Who is kept unless somebody says otherwise: who has an account, else the most sessions."""
    asked = _numbers(said.get("kept", ""))
    if asked:
        return asked[0]
    best = max(
        speakers,
        key=lambda speaker: (speaker.user_id is not None, len(speaker.appearances.all())),
        default=None,
    )
    return best.pk if best else None


def _rows(speakers: list[Speaker], said: Any) -> list[MergeRow]:
    kept = _kept(speakers, said)
    rows = []
    for name in CHOSEN:
        asked = _numbers(said.get(f"from-{name}", ""))
        full = [speaker.pk for speaker in speakers if getattr(speaker, name)]
        usual = kept if kept in full or not full else full[0]
        chosen = asked[0] if asked else usual
        cells = tuple(_cell(speaker, name, speaker.pk == chosen) for speaker in speakers)
        rows.append(MergeRow(name, _LABELS[name], cells))
    return rows


def _cell(speaker: Speaker, name: str, is_chosen: bool) -> MergeCell:
    if name == "picture":
        picture: Any = speaker.picture
        return MergeCell(speaker, "", picture.small if picture else "", is_chosen)
    value = speaker.user.email if name == "user" and speaker.user else getattr(speaker, name)
    return MergeCell(speaker, str(value or ""), "", is_chosen)


def _merge(request: HttpRequest, event: Event, pks: list[int]) -> Speaker | None:
    """The one who is left; None when nothing was done, after saying why."""
    kept = _numbers(request.POST.get("kept", ""))
    choices = {name: _numbers(request.POST.get(f"from-{name}", "")) for name in CHOSEN}
    if not kept:
        messages.error(request, _("Choose whose row is kept."))
        return None
    try:
        return merge_speakers(
            event,
            pks,
            kept[0],
            {name: found[0] if found else kept[0] for name, found in choices.items()},
            request.POST.get("shown", ""),
        )
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except IntegrityError:
        messages.error(request, _("Somebody else changed them at the same moment. Look again."))
    return None
