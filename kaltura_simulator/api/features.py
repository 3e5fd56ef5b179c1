"""Features of accounts: what Kaltura enabled for them, whatever the session."""

from __future__ import annotations

from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError, forbidden
from kaltura_simulator.state.store import Store

#: Captions, translations and the like may be ordered.
REACH = "reach"
#: The account is a vendor, who does such work for others.
REACH_VENDOR = "reachVendor"
#: A clip without content is ready when its conversion profile makes no flavours.
DRAFT_ENTRIES = "draftEntries"
#: Notification templates may be added, not only copied from Kaltura's.
NOTIFICATION_TEMPLATES = "notificationTemplates"
#: Events of the Events Platform.
VIRTUAL_EVENTS = "virtualEvents"
#: Live streams may be pushed on to other hosts.
PUSH_PUBLISH = "pushPublish"
#: Encoders of new live entries send RTMP only: there are no addresses for SRT.
RTMP_ONLY = "rtmpOnly"
#: Texts with harmful markup are refused.
PURIFY_HTML = "purifyHtml"
#: The account may have accounts below it.
GROUP_PARTNER = "groupPartner"
ALL = frozenset(
    {
        GROUP_PARTNER,
        REACH,
        REACH_VENDOR,
        DRAFT_ENTRIES,
        NOTIFICATION_TEMPLATES,
        VIRTUAL_EVENTS,
        PUSH_PUBLISH,
        PURIFY_HTML,
        RTMP_ONLY,
    }
)

#: The account that Kaltura copies for each new one: every installation has it.
TEMPLATE_PARTNER = 99


def features_of(store: Store, partner: int) -> frozenset[str]:
    """The features of an account."""
    row = store.get(partner, "partner", partner)
    return frozenset(row.get("features", ())) if row else frozenset()


def has(call: Call, feature: str) -> bool:
    """Whether the calling account has a feature."""
    return feature in features_of(call.store, call.partner)


def require(call: Call, feature: str) -> None:
    """Refuse accounts without a feature, as its plugin does (FEATURE_FORBIDDEN)."""
    if not has(call, feature):
        raise ApiError("FEATURE_FORBIDDEN", FEATURE=feature)


def require_permission(call: Call, feature: str) -> None:
    """Refuse accounts without a feature that is a permission (SERVICE_FORBIDDEN)."""
    if not has(call, feature):
        raise forbidden(call.action.label)


def set_features(store: Store, partner: int, wanted: dict[str, bool]) -> frozenset[str]:
    """Turn features of an account on and off; raises ValueError for an unknown one."""
    unknown = wanted.keys() - ALL
    if unknown:
        raise ValueError(f"no such feature: {', '.join(sorted(unknown))}; there are {sorted(ALL)}")
    found = set(features_of(store, partner))
    for feature, on in wanted.items():
        (found.add if on else found.discard)(feature)
    store.change(partner, "partner", partner, features=sorted(found))
    return frozenset(found)


def is_blocked(store: Store, partner: int) -> bool:
    """Whether Kaltura blocked the account, or never had it: its calls tell no difference."""
    if partner == TEMPLATE_PARTNER:
        return False
    row = store.get(partner, "partner", partner)
    return row is None or bool(row.get("_blocked"))


def set_blocked(store: Store, partner: int, blocked: bool) -> None:
    """Block an account, or let it in again."""
    store.change(partner, "partner", partner, _blocked=blocked)
