"""Uploaded files, sent by the portal itself to those who may have them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile
from django.db.models import Exists, OuterRef
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from events.files import storage
from events.files.documents import type_of
from events.files.owners import is_kept_elsewhere
from events.files.pictures import WIDTHS, narrow_name, narrowed
from events.models import Event, Partner, SessionMaterial, Speaker
from events.pages.parts import may_take
from events.pages.preview import (
    PreviewText,
    can_draw,
    preview_of,
    text_of_event,
    text_of_session,
    text_of_speaker,
)
from events.programme.reading import programme_version
from events.queries import (
    sees_programme,
    speakers_of,
    visible_event,
    visible_programme,
    visible_session,
)
from events.roles import EventMembership
from events.views.conditional import versioned

_YEAR_S: Final = int(timedelta(days=365).total_seconds())
_HOUR_S: Final = 3600


@require_safe
def picture(request: HttpRequest, slug: str, digest: str, width: int) -> HttpResponse:
    """A picture of the event, a partner or a speaker; its address changes with what it shows."""
    event, membership = visible_event(request.user, slug)
    name = f"{digest}.webp"
    if width not in WIDTHS or not _is_shown(event, membership, name):
        raise Http404("There is no such picture.")
    response = HttpResponse(_content(name, width), content_type="image/webp")
    patch_cache_control(response, private=True, max_age=_YEAR_S, immutable=True)
    return response


def _is_shown(event: Event, membership: EventMembership, name: str) -> bool:
    """Whether it is on a page that this person may see."""
    if event.picture.name == name:
        return True
    partners = Partner.objects.filter(event=OuterRef("pk"), logo=name)
    speakers = Speaker.objects.filter(event=OuterRef("pk"), picture=name)
    found = Event.objects.filter(pk=event.pk).values_list(Exists(partners), Exists(speakers))
    of_partner, of_speaker = found[0]
    if of_partner or (of_speaker and sees_programme(event, membership)):
        return True
    return membership.is_team and is_kept_elsewhere(event, name)


def _content(name: str, width: int) -> bytes:
    """The picture, narrowed; the first who asks makes the file that the others get."""
    keeper, narrow = storage.pictures, narrow_name(name, width)
    try:
        return _read(narrow)
    except FileNotFoundError:
        pass
    try:
        content = narrowed(_read(name), width)
    except FileNotFoundError:
        raise Http404("The file of this picture is gone.") from None
    keeper.save(narrow, ContentFile(content))
    return content


def _read(name: str) -> bytes:
    return (Path(storage.pictures.location) / name).read_bytes()


@require_safe
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """The picture for messengers, of events whose page anybody may open."""
    event, _ = visible_event(AnonymousUser(), slug)
    return _preview(request, event, text_of_event(event))


@require_safe
def session_preview(request: HttpRequest, slug: str, session_slug: str) -> HttpResponse:
    """The same of a session that anybody may read of."""
    event, membership = visible_programme(AnonymousUser(), slug)
    session = visible_session(event, membership, session_slug)
    return _preview(request, event, text_of_session(session))


@require_safe
def speaker_preview(request: HttpRequest, slug: str, speaker_slug: str) -> HttpResponse:
    """The same of somebody on stage there."""
    event, membership = visible_programme(AnonymousUser(), slug)
    speaker = speakers_of(event, membership).filter(slug=speaker_slug).first()
    if speaker is None:
        raise Http404("There is no such speaker.")
    speaker.event = event
    return _preview(request, event, text_of_speaker(event, speaker))


def _preview(request: HttpRequest, event: Event, text: PreviewText) -> HttpResponse:
    if not can_draw(text):
        raise Http404("The font of this portal cannot write this title.")

    def draw() -> HttpResponse:
        return HttpResponse(preview_of(event, text), content_type="image/jpeg")

    return versioned(request, programme_version(event), "preview", draw, _HOUR_S)


@require_safe
def document(
    request: HttpRequest, slug: str, session_slug: str, document: UUID
) -> FileResponse | HttpResponse:
    """A document beside a session, to be kept as a file.

    Whoever sees the session is told by its page for whom a document is; here it is not there
    for others.
    """
    event, membership = visible_programme(request.user, slug)
    session = visible_session(event, membership, session_slug, with_stage=False)
    found = SessionMaterial.objects.exclude(file="").filter(session=session, uuid=document).first()
    if found is None or not may_take(found.audience, session, membership, timezone.now()):
        raise Http404("There is no such document.")
    try:
        file = found.file.open("rb")
    except FileNotFoundError:
        raise Http404("The file of this document is gone.") from None
    # A browser keeps it, and opens nothing of it as a page of ours.
    response = FileResponse(
        file, as_attachment=True, filename=found.filename, content_type=type_of(found.filename)
    )
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    patch_cache_control(response, private=True, no_store=True)
    return response
