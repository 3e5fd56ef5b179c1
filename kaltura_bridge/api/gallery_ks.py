"""The KS by which somebody enters a gallery: KAF's list of what is in one category."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.conf import settings

from kaltura_bridge.api.ks import KsType, Name, Privilege, Visitor, mint_here, split_display_name

#: How the settings may name the category to KAF; by number only where KAF was set up so.
BY_NAME: Final = Name.CONTEXT_ID
PRIVILEGES: Final = (BY_NAME, Name.CATEGORY_ID, Name.CHANNEL_ID)


@dataclass(frozen=True)
class GalleryCategory:
    """The category that a gallery lists, and the entitlement context that it stands in, if any."""

    remote_id: str
    name: str
    privacy_context: str = ""


def named_by() -> Name:
    """The privilege that names the category to KAF."""
    return Name(settings.KALTURA_GALLERY_PRIVILEGE)


def kaf_gallery_ks(visitor: Visitor, category: GalleryCategory) -> str:
    """For KAF's gallery of one category.

    It asks for entitlement where the category has a context: then KAF lists nothing that is for
    members to who is none. Raises UnsafePrivilege for a name that no KS can hold.
    """
    first, last = split_display_name(visitor.display_name)
    by = named_by()
    privileges = [
        Privilege(Name.ACTIONS_LIMIT, "-1"),
        Privilege(Name.USER_ID, visitor.user_id),
        Privilege(by, category.name if by is BY_NAME else category.remote_id),
        Privilege(Name.ROLE, visitor.role),
        Privilege(Name.CONTEXTUAL_ROLE, str(int(visitor.contextual_role))),
        Privilege(Name.FIRST_NAME, first),
        *([Privilege(Name.LAST_NAME, last)] if last else []),
        Privilege(Name.LOCALE, visitor.locale),
        *_entitlement(category.privacy_context),
    ]
    return mint_here(visitor.user_id, KsType.USER, settings.KALTURA_KAF_KS_S, privileges)


def _entitlement(context: str) -> list[Privilege]:
    if not context:
        return []
    return [Privilege(Name.ENABLE_ENTITLEMENT), Privilege(Name.PRIVACY_CONTEXT, context)]
