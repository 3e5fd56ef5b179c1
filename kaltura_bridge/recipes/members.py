"""A person who belongs to an event becomes a member of its category; its tracks inherit that."""

from __future__ import annotations

from kaltura_bridge.members.people import CategoryMember
from kaltura_bridge.specs import Kind, Ref, Spec, key_for, member_key


def member_specs(member: CategoryMember) -> list[Spec]:
    """One membership, by the opaque id: Kaltura learns nothing else of whom it does not know."""
    return [
        Spec(
            Kind.CATEGORY_USER,
            member_key(member.user_id, member.event.uuid),
            f"member {member.user_id}",
            {"permissionLevel": str(member.level)},
            create_only={
                "categoryId": Ref(Kind.CATEGORY, key_for(member.event.uuid)),
                "userId": member.user_id,
            },
        )
    ]
