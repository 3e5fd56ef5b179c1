"""Partners, information, links and documents of pages, read once for each version.

Every change of them raises the version (receivers.py), so a warm page asks nothing for them.
What only some may have is among it: who asks leaves out what is not for them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from events.caching.fragments import Fragment, FragmentStore, fragment_key
from events.models import (
    Audience,
    Event,
    InfoBlock,
    Partner,
    Session,
    SessionMaterial,
    Speaker,
    SpeakerLink,
)
from events.programme.reading import version_name
from events.roles import EventMembership

Content = TypeVar("Content")

_KEPT_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class ShownPartner:
    """A partner; ``logo`` and ``website`` are addresses, empty for none."""

    name: str
    website: str
    logo: str


@dataclass(frozen=True, slots=True)
class PartnerLevel:
    """The partners of one level, in their order; ``name`` is empty for those without one."""

    name: str
    partners: tuple[ShownPartner, ...]


@dataclass(frozen=True, slots=True)
class ShownBlock:
    """A piece of practical information; ``text`` is Markdown."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class EventParts:
    levels: tuple[PartnerLevel, ...]
    blocks: tuple[ShownBlock, ...]


@dataclass(frozen=True, slots=True)
class ShownLink:
    """A link elsewhere, and what it is called."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class ShownMaterial:
    """A document or a link beside a session; ``size`` is in bytes, 0 for links."""

    uuid: UUID
    title: str
    url: str
    kind: str
    size: int
    audience: str


_EVENTS: Final[FragmentStore[EventParts]] = FragmentStore()
_LINKS: Final[FragmentStore[tuple[ShownLink, ...]]] = FragmentStore()
_MATERIALS: Final[FragmentStore[tuple[ShownMaterial, ...]]] = FragmentStore()


def parts_of_event(event: Event) -> EventParts:
    """Partners and practical information."""

    def read() -> EventParts:
        blocks = InfoBlock.objects.filter(event=event).values_list("title", "text")
        return EventParts(_levels(event), tuple(ShownBlock(*row) for row in blocks))

    return _EVENTS.get(_key(event, "event"), lambda: _fragment(read()))


def links_of_speaker(event: Event, speaker: Speaker) -> tuple[ShownLink, ...]:
    """Where else to find them."""

    def read() -> tuple[ShownLink, ...]:
        rows = SpeakerLink.objects.filter(speaker=speaker).values_list("label", "url")
        return tuple(ShownLink(label or _host(url), url) for label, url in rows)

    return _LINKS.get(_key(event, f"speaker {speaker.pk}"), lambda: _fragment(read()))


def materials_of_session(session: Session) -> tuple[ShownMaterial, ...]:
    """All documents and links, whoever they are for."""

    def read() -> tuple[ShownMaterial, ...]:
        rows = SessionMaterial.objects.filter(session=session)
        return tuple(_material(session, row) for row in rows)

    key = _key(session.event, f"session {session.pk}")
    return _MATERIALS.get(key, lambda: _fragment(read()))


def may_take(audience: str, session: Session, membership: EventMembership, now: datetime) -> bool:
    """Whether a person who sees ``session`` may have what is for this audience.

    The team and people on stage see what they prepare at any time.
    """
    if audience == Audience.PUBLIC or membership.is_team or membership.speaker_ids:
        return True
    is_there = audience == Audience.REGISTERED or now >= session.ends_at
    return membership.is_registered and is_there


def _key(event: Event, about: str) -> str:
    return fragment_key("page", version_name(event), about)


def _fragment(content: Content) -> Fragment[Content]:
    return Fragment(content, time.time() + _KEPT_S)


def _levels(event: Event) -> tuple[PartnerLevel, ...]:
    """Levels in the order of their first partner."""
    partners = list(Partner.objects.filter(event=event))
    order = list(dict.fromkeys(partner.level for partner in partners))
    partners.sort(key=lambda partner: order.index(partner.level))
    return tuple(
        PartnerLevel(level, tuple(_partner(event, partner) for partner in group))
        for level, group in groupby(partners, key=lambda partner: partner.level)
    )


def _partner(event: Event, partner: Partner) -> ShownPartner:
    partner.event = event
    logo: Any = partner.logo
    return ShownPartner(partner.name, partner.website, logo.url_at(640) if logo else "")


def _material(session: Session, row: SessionMaterial) -> ShownMaterial:
    row.session = session
    url = row.file.url if row.file else row.url
    kind = row.filename.rpartition(".")[2].upper() if row.file else _host(row.url)
    return ShownMaterial(row.uuid, row.title, url, kind, row.size, row.audience)


def _host(url: str) -> str:
    """The site that an address leads to, as people say it."""
    return (urlsplit(url).hostname or url).removeprefix("www.")
