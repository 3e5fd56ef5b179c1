"""What the demo's pages show beside the programme: pictures, partners, documents, opinions."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.core.files.uploadedfile import SimpleUploadedFile

from events.actions import save_planned
from events.exports.pdf import font_problem, new_document
from events.models import (
    Audience,
    Event,
    InfoBlock,
    Partner,
    Session,
    SessionFeedback,
    SessionMaterial,
    SessionStatus,
    Speaker,
    SpeakerLink,
    User,
)
from portal.seed import drawings

SEED: Final = "opinions"
BLOCKS: Final = (
    (
        "Getting there",
        "Trains stop at **Hamburg Dammtor**, five minutes on foot. Doors open at 9:00.\n\n"
        "- Bicycles: covered stands at the east gate\n- Cars: please do not",
    ),
    (
        "Taking part online",
        "Every session is streamed. Sign in, star what you like, and the button on each "
        "session's page says *Join now* when its doors open. Recordings appear there afterwards.",
    ),
    (
        "Being kind",
        "Questions are welcome, speeches are not. If somebody makes you uncomfortable, write to "
        "[the awareness team](mailto:awareness@demo.example).",
    ),
    ("Food and water", "Water is free at every floor. The kitchen on level 2 cooks until 23:00."),
)
PARTNERS: Final = (
    ("Northern Light", "Main partners", True),
    ("Lernraum Nord", "Main partners", True),
    ("Kiosk Radio", "Supporters", True),
    ("Hafen Print", "Supporters", True),
    ("Friends of the Attic", "Supporters", False),
)
OPINIONS: Final = (
    (5, "Clear, fast and funny. More of this."),
    (5, ""),
    (4, "Good pace. I would have liked to see the code a little longer."),
    (4, ""),
    (3, "Interesting, but I could not hear the questions from the audience."),
    (5, "Finally understood it."),
    (4, "The slides were hard to read on a phone."),
    (4, "A little more about what to do now, please."),
    (5, ""),
    (4, "Thank you for the captions!"),
)
#: How many speakers have a picture, and how many past sessions have opinions.
PORTRAITS: Final = 24
RATED: Final = 12


def show_pages(event: Event, people: Iterable[User], now: datetime) -> None:
    """Fill the pages of an event, its speakers and some of its sessions."""
    _show_event(event)
    sessions = list(
        event.sessions.filter(status=SessionStatus.PUBLISHED).order_by("starts_at", "title")
    )
    over = [session for session in sessions if session.ends_at <= now]
    coming = [session for session in sessions if session.ends_at > now]
    _show_speakers(event, [*coming[:20], *over[-20:]])
    for session in [*over[-3:], *coming[:6]]:
        _add_materials(session)
    _add_opinions(over[-RATED:], list(people))


def _picture(thing: Any, field: str, content: bytes) -> None:
    """By the same way as everybody's upload."""
    wanted = type(thing)._meta.get_field(field).formfield()
    setattr(thing, field, wanted.clean(SimpleUploadedFile("drawing.png", content), None))


def _show_event(event: Event) -> None:
    _picture(event, "picture", drawings.banner(event.slug, (24, 40, 92), (240, 128, 96)))
    event.picture_alt = "Hills in the evening sun"
    save_planned(event, ["picture", "picture_alt", "updated_at"])
    for number, (title, text) in enumerate(BLOCKS):
        save_planned(InfoBlock(event=event, title=title, text=text, position=number))
    for number, (name, level, has_logo) in enumerate(PARTNERS):
        partner = Partner(event=event, name=name, level=level, position=number)
        partner.website = f"https://{name.lower().replace(' ', '-')}.example/"
        if has_logo and drawings.can_write(name):
            _picture(partner, "logo", drawings.logo(name))
        save_planned(partner)


def _show_speakers(event: Event, sessions: list[Session]) -> None:
    """Those of the sessions that people look at first."""
    speakers = Speaker.objects.filter(event=event, sessions__in=sessions).distinct()
    for number, speaker in enumerate(speakers.order_by("name")[:PORTRAITS]):
        _picture(speaker, "picture", drawings.portrait(speaker.name))
        save_planned(speaker, ["picture", "updated_at"])
        link = f"https://{speaker.slug}.example/"
        save_planned(SpeakerLink(speaker=speaker, label="Website", url=link))
        if number % 2:
            social = f"https://social.example/@{speaker.slug}"
            save_planned(SpeakerLink(speaker=speaker, label="Fediverse", url=social, position=1))


def _add_materials(session: Session) -> None:
    if not font_problem():
        handout = SessionMaterial(session=session, title="Handout", audience=Audience.PUBLIC)
        handout.file = SimpleUploadedFile("handout.pdf", _handout(session))
        save_planned(handout)
        slides = SessionMaterial(session=session, title="Slides", audience=Audience.AFTERWARDS)
        slides.file = SimpleUploadedFile("slides.pdf", _handout(session))
        slides.position = 1
        save_planned(slides)
    link = SessionMaterial(session=session, title="Notes of everybody", position=2)
    link.url = f"https://notes.example/{session.slug}"
    save_planned(link)


def _handout(session: Session) -> bytes:
    document = new_document(session.title)
    document.add_page()
    document.set_font(size=20, style="B")
    document.multi_cell(0, 10, session.title, new_x="LMARGIN", new_y="NEXT")
    document.set_font(size=11, style="")
    document.multi_cell(0, 7, "A handout of the demo.", new_x="LMARGIN", new_y="NEXT")
    return bytes(document.output())


def _add_opinions(sessions: list[Session], people: list[User]) -> None:
    for session in sessions:
        chance = random.Random(f"{SEED}/{session.external_id}")  # noqa: S311  Alike each time.
        said = chance.sample(OPINIONS, chance.randint(4, len(OPINIONS)))
        some = chance.sample(people, min(len(people), len(said)))
        for user, (stars, text) in zip(some, said, strict=False):
            SessionFeedback.objects.create(session=session, user=user, stars=stars, text=text)
