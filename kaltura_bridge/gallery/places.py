"""Which gallery somebody asks for, and why KAF cannot show it, if it cannot.

Who may know of an event and read its programme is decided as for the agenda; who may enter it,
by ``events.access``, as at its sessions' doors. Everything here is read from our own tables: no
call to Kaltura is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

from django.conf import settings
from django.db.models import Q
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from events.access import Denial, denial_of_whole
from events.agenda.beside import FurtherView, ViewOffer
from events.agenda.listing import ProgrammeListing
from events.i18n.languages import Words
from events.models import Event, Track, User
from events.queries import ProgrammeHidden, sees_programme, visible_event
from events.roles import EventMembership, StageRole, strongest_role
from kaltura_bridge.api import ks
from kaltura_bridge.api.gallery_ks import BY_NAME, GalleryCategory, named_by
from kaltura_bridge.delivery.options import is_for_members
from kaltura_bridge.gallery.doors import offers_gallery
from kaltura_bridge.join.identity import kaltura_user_id
from kaltura_bridge.members.people import level_of
from kaltura_bridge.models import EventDelivery, RemoteLink
from kaltura_bridge.specs import Kind, key_for, member_key


class NoGallery(StrEnum):
    """Why KAF cannot show a gallery now."""

    NOT_CONFIGURED = "not_configured"
    KNOWS_NO_DOORS = "knows_no_doors"
    NOT_IN_STEP = "not_in_step"
    NAME_TWICE = "name_twice"
    REFUSED = "refused"
    NOT_YET_MEMBER = "not_yet_member"

    @property
    def sentence(self) -> str:
        """What the visitor reads; the agenda follows it."""
        return str(_SENTENCES[self])


_SENTENCES: Final[Mapping[NoGallery, Words]] = {
    NoGallery.NOT_CONFIGURED: _("Kaltura's gallery is not set up for this portal."),
    NoGallery.KNOWS_NO_DOORS: _(
        "Kaltura's gallery cannot keep to this event's rules: sessions here have few places, or "
        "everybody comes in with one device."
    ),
    NoGallery.NOT_IN_STEP: _(
        "Kaltura does not have this programme yet. Come back in some minutes."
    ),
    NoGallery.NAME_TWICE: _(
        "Kaltura cannot tell this gallery from another one of the same name, so it is not shown."
    ),
    NoGallery.REFUSED: _("Kaltura does not show its gallery at the moment. We keep trying."),
    NoGallery.NOT_YET_MEMBER: _(
        "Kaltura is just being told that you belong to this event. Come back in a minute."
    ),
}


@dataclass
class GalleryRequest:
    """One person before the gallery of an event, or of one of its tracks."""

    user: User
    event: Event
    membership: EventMembership
    delivery: EventDelivery
    track: Track | None = None

    @property
    def planned(self) -> Event | Track:
        """What the gallery is of."""
        return self.track or self.event

    @cached_property
    def listing(self) -> ProgrammeListing:
        """What the person may see of the programme."""
        return ProgrammeListing(self.event, self.membership)

    @property
    def url(self) -> str:
        return self._address("gallery")

    @property
    def frame_url(self) -> str:
        return self._address("gallery_frame")

    def _address(self, name: str) -> str:
        if self.track:
            return reverse(f"kaltura:{name}_of_track", args=[self.event.slug, self.track.slug])
        return reverse(f"kaltura:{name}", args=[self.event.slug])

    @property
    def ticket_name(self) -> str:
        """What the ticket is for; no session's number looks like it."""
        return f"gallery {self.planned.uuid}"

    @property
    def denial(self) -> Denial | None:
        """Why the person may not enter; None: they may."""
        return denial_of_whole(self.event, self.membership)

    @property
    def role(self) -> StageRole:
        """By the team alone: who moderates one session has no power over all videos."""
        return strongest_role({self.membership.team_role or ""})

    def visitor(self, language: str) -> ks.Visitor:
        """The person as KAF's page will know them; a viewer of KAF, like everybody."""
        return ks.Visitor(
            user_id=kaltura_user_id(self.user),
            display_name=self.user.name,
            contextual_role=ks.ContextualRole(int(level_of(self.role))),
            locale=language.split("-")[0] or "en",
        )

    @cached_property
    def category(self) -> GalleryCategory | None:
        """The category as it is at Kaltura now; None until it is there."""
        return category_of(self.planned, self.delivery.privacy_context)

    @cached_property
    def obstacle(self) -> NoGallery | None:
        """Why KAF cannot show it; None when nothing is known to be in the way."""
        if not ks.can_mint() or not settings.KALTURA_PARENT_CATEGORY:
            return NoGallery.NOT_CONFIGURED
        if not getattr(self.event, GALLERY_VIEW.noted_as):
            return NoGallery.KNOWS_NO_DOORS
        if self.category is None or not self._has_context_there:
            return NoGallery.NOT_IN_STEP
        if is_ambiguous(self.planned, self.category):
            return NoGallery.NAME_TWICE
        if self.delivery.gallery_refused:
            return NoGallery.REFUSED
        return None if self._may_be_shown_there else NoGallery.NOT_YET_MEMBER

    @property
    def _has_context_there(self) -> bool:
        """Whether the event's category got the context that is chosen, or needs none."""
        wanted = self.delivery.privacy_context
        of_event = RemoteLink.objects.filter(kind=Kind.CATEGORY, key=key_for(self.event.uuid))
        return not wanted or of_event.filter(pushed__privacyContext=wanted).exists()

    @property
    def _may_be_shown_there(self) -> bool:
        """Whether Kaltura knows the person as a member, where it shows nothing to others."""
        if not (self.delivery.privacy_context and is_for_members(self.event)):
            return True
        key = member_key(kaltura_user_id(self.user), self.event.uuid)
        links = RemoteLink.objects.filter(kind=Kind.CATEGORY_USER, key=key, gone=False)
        return links.filter(remote_id__isnull=False).exists()


def category_of(planned: Event | Track, privacy_context: str) -> GalleryCategory | None:
    """The category of an event or a track as it is at Kaltura now; None until it is there."""
    link = RemoteLink.objects.filter(
        kind=Kind.CATEGORY,
        key=key_for(planned.uuid),
        remote_id__isnull=False,
        gone=False,
        unlinked=False,
    ).first()
    if link is None or not (name := _name_of(link)):
        return None
    return GalleryCategory(link.remote_id or "", name, privacy_context)


def is_ambiguous(planned: Event | Track, category: GalleryCategory) -> bool:
    """Whether KAF, where it is told the name, might show another one of ours than this.

    It looks at the top first, where names stand once; further down it may not guess.
    A name with what starts another privilege cannot be told at all.
    """
    if named_by() is not BY_NAME:
        return False
    if set(category.name) & set(",:*"):
        return True
    if isinstance(planned, Event):
        return False
    same = Q(pushed__name__iexact=category.name) | Q(seen__name__iexact=category.name)
    others = RemoteLink.objects.filter(same, kind=Kind.CATEGORY, remote_id__isnull=False)
    return others.exclude(remote_id=category.remote_id).exists()


def _name_of(link: RemoteLink) -> str:
    """The category's name as Kaltura has it, whoever gave it."""
    held: dict[str, Any] = link.seen or link.pushed
    return str(held.get("name") or link.pushed.get("name") or "")


def _view_of(event: Event) -> FurtherView:
    return FurtherView(reverse("kaltura:gallery", args=[event.slug]), _("Gallery"))


#: The gallery as a further view of an event that chose it, and can have it.
GALLERY_VIEW: Final = ViewOffer("gallery", offers_gallery, _view_of)


def gallery_request(request: HttpRequest, event_slug: str, track_slug: str = "") -> GalleryRequest:
    """Who asks, and for which gallery. Raises Http404 where there is none for this person, and
    ProgrammeHidden where the event's page says how to get to see it.
    """
    event, membership = visible_event(request.user, event_slug)
    if not sees_programme(event, membership):
        raise ProgrammeHidden
    delivery = EventDelivery.objects.filter(event=event, gallery=True).first()
    # The team comes before anything of a track is published.
    is_team = membership.is_team or request.user.is_superuser
    listed = event.tracks.all() if is_team else ProgrammeListing(event, membership).tracks()
    tracks = {track.slug: track for track in listed}
    if delivery is None or (track_slug and track_slug not in tracks):
        raise Http404("There is no such page.")
    event.delivery = delivery
    # Somebody who is not signed in is turned away before a user is needed.
    user: Any = request.user
    return GalleryRequest(user, event, membership, delivery, tracks.get(track_slug))
