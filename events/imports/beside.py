"""What stands beside a talk: its texts in other languages, its links, pictures of its people.

Nothing is fetched: documents and pictures elsewhere become links. What is here already stays; a
file adds links and changes the texts that it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _

from events.imports.plan import ImportPlan, SessionPlan
from events.imports.schedule import Agenda, ScheduleLink, Talk
from events.models import Event, Session, SessionMaterial, SessionTranslation, SpeakerLink

Row = TypeVar("Row", bound=models.Model)


class BesideTalks:
    """What the event has of it already; two queries, none for a new event."""

    def __init__(self, event: Event) -> None:
        self.event = event
        self._texts = _by_session(SessionTranslation, event)
        self._links = _by_session(SessionMaterial, event)

    def plan(self, found: SessionPlan, talk: Talk) -> None:
        """Note what the file says beyond what the session has."""
        found.translations = list(self._translations(found, talk))
        found.links = list(self._new_links(found, talk.links))

    def _translations(self, found: SessionPlan, talk: Talk) -> Iterator[SessionTranslation]:
        known = {row.language: row for row in self._texts.get(found.session.pk, ())}
        for language, texts in talk.translations.items():
            row = known.get(language) or SessionTranslation(
                session=found.session, language=language
            )
            differing = {name: text for name, text in texts.items() if getattr(row, name) != text}
            for name, text in differing.items():
                if found.session.pk:
                    found.note(f"{name} ({language})", getattr(row, name), text)
                setattr(row, name, text)
            if differing:
                yield row

    def _new_links(
        self, found: SessionPlan, links: Iterable[ScheduleLink]
    ) -> Iterator[SessionMaterial]:
        here = self._links.get(found.session.pk, [])
        known = {address for row in here for address in self._addresses(row, found.session)}
        position = max((row.position for row in here), default=-1)
        for link in links:
            if link.url in known:
                continue
            known.add(link.url)
            position += 1
            if found.session.pk:
                found.note("link", "", f"{link.title} ({link.url})")
            yield SessionMaterial(
                session=found.session, title=link.title, url=link.url, position=position
            )

    def _addresses(self, row: SessionMaterial, session: Session) -> Iterator[str]:
        """Under which it stands in files; our exports have our own documents."""
        row.session = session
        yield settings.SITE_URL + row.file.url if row.file else row.url


def plan_pictures(plan: ImportPlan, agenda: Agenda) -> None:
    """Where a file has a picture of somebody: a link to it, if there is no picture here."""
    event = plan.event
    links = SpeakerLink.objects.filter(speaker__event=event) if event.pk else ()
    known = {(link.speaker_id, link.url) for link in links}
    for person in dict.fromkeys(p for talk in agenda.talks for p in talk.people or ()):
        speaker = plan.people.find(person) if person.picture else None
        if speaker and not speaker.picture and (speaker.pk, person.picture) not in known:
            known.add((speaker.pk, person.picture))
            plan.pictures.append(
                SpeakerLink(speaker=speaker, label=_("Picture"), url=person.picture, position=99)
            )


def _by_session(model: type[Row], event: Event) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    if event.pk:
        for row in model._base_manager.filter(session__event=event):
            found.setdefault(row.session_id, []).append(row)  # type: ignore[attr-defined]
    return found
