"""Catalogue items: what vendors offer, and what an account may order.

Kaltura's: plugins/reach/services/VendorCatalogItemService.php in https://github.com/kaltura/server.
"""

from __future__ import annotations

from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.state.store import Data, Store

ITEM, ENABLED = "vendor_catalog_item", "partner_catalog_item"
ACTIVE, DELETED = 2, 3
CAPTIONS, TRANSLATION, ALIGNMENT, LIVE_CAPTION, LIVE_TRANSLATION, DUBBING = 1, 2, 3, 8, 11, 7
HUMAN, MACHINE, HYBRID = 1, 2, 3
DAY_S = 86_400
#: ``serviceFeature`` by class of item.
FEATURES = {
    "KalturaVendorCaptionsCatalogItem": CAPTIONS,
    "KalturaVendorTranslationCatalogItem": TRANSLATION,
    "KalturaVendorAlignmentCatalogItem": ALIGNMENT,
    "KalturaVendorAudioDescriptionCatalogItem": 4,
    "KalturaVendorChapteringCatalogItem": 5,
    "KalturaVendorIntelligentTaggingCatalogItem": 6,
    "KalturaVendorDubbingCatalogItem": DUBBING,
    "KalturaVendorLiveCaptionCatalogItem": LIVE_CAPTION,
    "KalturaVendorExtendedAudioDescriptionCatalogItem": 9,
    "KalturaVendorClipsCatalogItem": 10,
    "KalturaVendorLiveTranslationCatalogItem": LIVE_TRANSLATION,
    "KalturaVendorQuizCatalogItem": 12,
    "KalturaVendorSummaryCatalogItem": 13,
    "KalturaVendorVideoAnalysisCatalogItem": 14,
    "KalturaVendorModerationCatalogItem": 15,
    "KalturaVendorMetadataEnrichmentCatalogItem": 16,
    "KalturaVendorSentimentAnalysisCatalogItem": 17,
    "KalturaVendorDocumentEnrichmentCatalogItem": 18,
    "KalturaVendorSignLanguageCatalogItem": 19,
}
LIVE = frozenset({LIVE_CAPTION, LIVE_TRANSLATION})


def find_anywhere(store: Store, key: int) -> Data | None:
    """An item of any vendor."""
    for partner in store.partners():
        found = store.get(partner, ITEM, key)
        if found is not None and found["status"] != DELETED:
            return found
    return None


def find(call: Call, key: int) -> Data:
    """An item of any vendor, or CATALOG_ITEM_NOT_FOUND."""
    found = find_anywhere(call.store, key)
    if found is None:
        raise ApiError("CATALOG_ITEM_NOT_FOUND", ID=key)
    return found


def orderable(call: Call, key: int) -> Data:
    """An item that this account may order."""
    found = find(call, key)
    if call.get(ENABLED, key) is None or found["status"] != ACTIVE:
        raise ApiError("CATALOG_ITEM_NOT_ENABLED_FOR_ACCOUNT", ID=key)
    return found


def enabled(call: Call) -> list[Data]:
    """The items of this account: those it may order, and those it offers."""
    chosen = [find_anywhere(call.store, row["catalogItemId"]) for row in call.all(ENABLED)]
    own = [row for row in call.all(ITEM) if row["status"] != DELETED]
    return [row for row in chosen if row is not None] + own


def add_item(store: Store, vendor: int, sent: Data, now: int, key: int | None = None) -> Data:
    """Add an item of a vendor; ``key`` only where an account is provisioned with fixed ids."""
    kind = sent["objectType"]
    row: Data = {
        "id": key if key is not None else store.next_id(ITEM),
        "vendorPartnerId": vendor,
        "createdAt": now,
        "updatedAt": now,
        "status": ACTIVE,
        "serviceFeature": FEATURES.get(kind),
        "allowResubmission": False,
        "payPerUse": False,
    }
    row |= {name: value for name, value in sent.items() if value is not None}
    return store.put(vendor, ITEM, row["id"], row)


def enable(store: Store, partner: int, key: int, profile: int | None) -> None:
    """Allow an account to order an item; ``profile`` is the default REACH profile."""
    row = {"id": key, "partnerId": partner, "catalogItemId": key, "defaultReachProfileId": profile}
    store.put(partner, ENABLED, key, row)


def turnaround_s(found: Data) -> int | None:
    """The promised time in seconds: small numbers are days; None when nothing is promised."""
    promised = int(found.get("turnAroundTime") or 0)
    if promised < 0:
        return None
    return promised * DAY_S if promised <= 10 else promised


def price(found: Data, duration_ms: int) -> float:
    """The price of an order: per second, minute or hour begun."""
    pricing = found.get("pricing") or {}
    unit = float(pricing.get("pricePerUnit") or 0)
    function = str(pricing.get("priceFunction") or "")
    seconds = -(-duration_ms // 1000)
    units = {"Second": seconds, "Minute": -(-seconds // 60), "Hour": -(-seconds // 3600)}
    total = unit * units.get(function.rpartition("Per")[2], 0)
    return int(total) if total == int(total) else total
