"""Finding a planned object, or a video, by its id at Kaltura."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Final

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from events.desk.search.results import MOST, DeskSearch, SearchResult, register_source
from events.models import Event
from events.permissions import PLANNERS
from kaltura_bridge.models import Recording, RemoteLink

# Ids are pasted; of fewer signs everything would be found.
_SHORTEST: Final = 4


def register() -> None:
    """Called once, as the app starts."""
    register_source(_("At Kaltura"), remote_objects)


def remote_objects(search: DeskSearch) -> Iterator[SearchResult]:
    """Objects that we made, and recordings, whose id begins with the text."""
    text = search.text.strip()
    if len(text) >= _SHORTEST and " " not in text:
        yield from chain(_links(search, text), _recordings(search, text))


def _links(search: DeskSearch, text: str) -> Iterator[SearchResult]:
    mine = search.within(Event.objects.all(), "", PLANNERS)
    rows = RemoteLink.objects.select_related("target").filter(
        Q(remote_id__istartswith=text) | Q(key=text)
    )
    if not search.user.is_superuser:
        rows = rows.filter(target__event_uuid__in=mine.values("uuid"))
    for link in rows.order_by("remote_id", "pk")[:MOST]:
        url = reverse("admin:kaltura_bridge_synctarget_change", args=[link.target_id])
        note = f"{link.get_kind_display()}: {link.target.title}"
        yield SearchResult(link.remote_id or link.key, url, note)


def _recordings(search: DeskSearch, text: str) -> Iterator[SearchResult]:
    rows = search.within(
        Recording.objects.select_related("session"), "session__event", PLANNERS
    ).filter(entry_id__istartswith=text)
    for each in rows.order_by("entry_id", "pk")[:MOST]:
        url = reverse("admin:kaltura_bridge_recording_session", args=[each.session_id])
        yield SearchResult(each.entry_id, url, f"{_('Recording')}: {each.session.title}")
