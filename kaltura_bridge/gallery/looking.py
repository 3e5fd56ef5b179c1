"""Whether KAF shows its galleries at all: a worker opens them, as no page of ours can see that.

What stands in a frame of another site is hidden from the page around it. So a gallery that KAF
refuses would stay an empty frame; the worker notes it, and the agenda takes its place.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone

from kaltura_bridge.api import ks
from kaltura_bridge.api.gallery_ks import GalleryCategory, kaf_gallery_ks
from kaltura_bridge.doctor.fetch import HttpAnswer, NoAnswer, fetch
from kaltura_bridge.gallery.places import category_of
from kaltura_bridge.join.embeds import gallery_url
from kaltura_bridge.models import EventDelivery

#: Galleries of events that ended longer ago are not looked at any more.
PAST: Final = timedelta(days=30)


def look_at_galleries() -> int:
    """Open the gallery of each event that chose one, and note how it was refused.

    Returns how many were. A gallery whose category is not at Kaltura yet is left alone, for KAF
    makes a category of any name that it does not know.
    """
    if not ks.can_mint():
        return 0
    since = (timezone.now() - PAST).date()
    chosen = EventDelivery.objects.filter(gallery=True, event__ends_on__gte=since)
    refused = 0
    for delivery in chosen.select_related("event").order_by("pk"):
        category = category_of(delivery.event, "")
        if category is None:
            continue
        why = refusal_of(category)
        refused += bool(why)
        if why != delivery.gallery_refused:
            # No change of the event: nothing of it goes to Kaltura.
            EventDelivery.objects.filter(pk=delivery.pk).update(gallery_refused=why)
    return refused


def refusal_of(category: GalleryCategory) -> str:
    """How KAF refuses the gallery of a category to its owner; "" when it does not."""
    try:
        status = open_gallery(signed_for(category)).status
    except ks.UnsafePrivilege:
        return ""  # the page says so itself
    except NoAnswer as error:
        return str(error)
    return f"HTTP {status}" if status >= 400 else ""


def signed_for(category: GalleryCategory) -> str:
    """A KS with which the portal's own user opens a gallery.

    Without entitlement: whether that user is a member is not the question.
    """
    visitor = ks.Visitor(settings.KALTURA_USER_ID, "Doctor")
    return kaf_gallery_ks(visitor, GalleryCategory(category.remote_id, category.name))


def open_gallery(signature: str) -> HttpAnswer:
    """What KAF answers to this KS. Raises NoAnswer."""
    return fetch(gallery_url(signature))
