"""The fields that people on stage may edit: what each is now, and how it is written."""

from __future__ import annotations

import json
from collections.abc import Iterable
from copy import copy
from hashlib import blake2s
from typing import Any, Final

from events.actions import delete_planned, save_planned
from events.drafts.gathering import collects
from events.drafts.kinds import event_of
from events.drafts.overlay import overlay, overlay_parts
from events.models import (
    Session,
    SessionMaterial,
    Speaker,
    SpeakerLink,
    SpeakerProposal,
    StageField,
    StageRules,
    StageScope,
)

OF_PROFILE: Final = (
    StageField.NAME,
    StageField.TITLE,
    StageField.BIOGRAPHY,
    StageField.PICTURE,
    StageField.LINKS,
)
OF_SESSION: Final = (StageField.SESSION_TITLE, StageField.ABSTRACT)
_COLUMNS: Final = {
    StageField.NAME: "name",
    StageField.TITLE: "title",
    StageField.BIOGRAPHY: "biography",
    StageField.PICTURE: "picture",
    StageField.SESSION_TITLE: "title",
    StageField.ABSTRACT: "abstract",
}


def allowed_fields(rules: StageRules) -> frozenset[StageField]:
    """What the event lets people on stage edit."""
    fields: set[StageField] = set()
    if rules.may_edit != StageScope.NOTHING:
        fields |= set(OF_PROFILE)
    if rules.may_edit == StageScope.SESSIONS:
        fields |= set(OF_SESSION)
    if rules.may_upload:
        fields.add(StageField.MATERIAL)
    return frozenset(fields)


def own_sessions(speaker: Speaker) -> Any:
    """The sessions on whose stage the person is, drafts included: they are theirs."""
    return Session.objects.filter(appearances__speaker=speaker).order_by("starts_at", "title")


def present_value(field: str, speaker: Speaker, session: Session | None) -> Any:
    """What the programme has now, as proposals keep it; None of what is only added to.

    Of an event that collects its changes, what it will have with the next release.
    """
    if field == StageField.MATERIAL:
        return None
    if field == StageField.LINKS:
        return [[link.url, link.label] for link in links_of(speaker)]
    owner: Any = session if field in OF_SESSION else speaker
    if not hasattr(owner, "shows_draft") and collects(event_of(owner)):
        owner = copy(owner)
        overlay([owner])
    if field == StageField.PICTURE:
        return owner.picture.name or ""
    return str(getattr(owner, _COLUMNS[StageField(field)]))


def links_of(speaker: Speaker) -> list[SpeakerLink]:
    """Their links, with what is not released yet."""
    return overlay_parts(SpeakerLink, speaker, list(speaker.links.all()))


def digest(value: Any) -> str:
    """What a value is recognised by on a page that shows it."""
    return blake2s(json.dumps(value, sort_keys=True).encode(), digest_size=12).hexdigest()


def write_field(
    field: str, speaker: Speaker, session: Session | None, value: Any, picture: Any = None
) -> None:
    """Give the programme a new value, by the door of all writes.

    ``picture``: a file that came in just now. Raises ValidationError naming the field.
    """
    if field == StageField.LINKS:
        _write_links(speaker, value)
        return
    owner: Any = session if field in OF_SESSION else speaker
    column = _COLUMNS[StageField(field)]
    setattr(owner, column, value if picture is None else picture)
    save_planned(owner, [column, "updated_at"])


def _write_links(speaker: Speaker, links: Iterable[list[str]]) -> None:
    rows = SpeakerLink.objects.filter(speaker=speaker)
    for link in overlay_parts(SpeakerLink, speaker, list(rows)):
        if link.pk < 0:
            delete_planned(link)
    delete_planned(rows)
    for position, (url, label) in enumerate(links):
        save_planned(SpeakerLink(speaker=speaker, url=url, label=label, position=position))


def material_of(proposal: SpeakerProposal) -> SessionMaterial:
    """The document or link that somebody would like beside a session; not saved."""
    assert proposal.session
    material = SessionMaterial(
        session=proposal.session,
        title=proposal.value["title"],
        url=proposal.value["url"],
        audience=proposal.value["audience"],
        position=proposal.session.materials.count(),
    )
    if proposal.document:
        # The file is there already; the row that names it next keeps it.
        material.file = proposal.document.name
        material.filename, material.size = proposal.filename, proposal.size
    return material
