"""REACH for the accounts: a profile and catalogue items to order."""

from __future__ import annotations

from kaltura_simulator import constants
from kaltura_simulator.reach import catalogue, profile
from kaltura_simulator.state.store import Data, Store

_MINUTE = "kReachUtils::calcPricePerMinute"
CAPTIONS: Data = {
    "objectType": "KalturaVendorCaptionsCatalogItem",
    "name": "English captions",
    "systemName": "ENGLISH_MACHINE_CAPTIONS",
    "serviceType": catalogue.MACHINE,
    "turnAroundTime": catalogue.DAY_S,
    "sourceLanguage": "English",
    # A text here, although it is a number in the profile; seen at a running server (22.19).
    "outputFormat": "1",
    "pricing": {
        "objectType": "KalturaVendorCatalogItemPricing",
        "pricePerUnit": 1.0,
        "priceFunction": _MINUTE,
    },
}
HUMAN_CAPTIONS = CAPTIONS | {
    "name": "English captions by people",
    "systemName": "ENGLISH_HUMAN_CAPTIONS",
    "serviceType": catalogue.HUMAN,
    "turnAroundTime": 2,
    "allowResubmission": True,
    "pricing": CAPTIONS["pricing"] | {"pricePerUnit": 2.5},
}
TRANSLATION: Data = CAPTIONS | {
    "objectType": "KalturaVendorTranslationCatalogItem",
    "name": "English to German",
    "systemName": "ENGLISH_GERMAN",
    "targetLanguage": "German",
}
LIVE_CAPTIONS: Data = {
    "objectType": "KalturaVendorLiveCaptionCatalogItem",
    "name": "English live captions",
    "systemName": "ENGLISH_LIVE_CAPTIONS",
    "serviceType": catalogue.MACHINE,
    "turnAroundTime": -1,
    "sourceLanguage": "English",
    "minimalOrderTime": 0,
    "durationLimit": 24 * 60,
    "startTimeBuffer": 600,
    "endTimeBuffer": 600,
    "pricing": CAPTIONS["pricing"] | {"pricePerUnit": 1.5},
}

#: What the events account may order, with fixed ids.
CATALOGUE = (
    (constants.REACH_MACHINE_CAPTIONS, CAPTIONS),
    (constants.REACH_HUMAN_CAPTIONS, HUMAN_CAPTIONS),
    (constants.REACH_TRANSLATION, TRANSLATION),
    (constants.REACH_LIVE_CAPTIONS, LIVE_CAPTIONS),
)


def events_customer(store: Store, partner: int, vendor: int, now: int) -> None:
    """A profile and the whole catalogue, with ids that stay the same after a reset."""
    chosen = profile.new(store, partner, {"name": "REACH"}, now, constants.REACH_PROFILE)
    for key, sent in CATALOGUE:
        catalogue.add_item(store, vendor, sent, now, key)
        catalogue.enable(store, partner, key, chosen["id"])


def small_customer(store: Store, partner: int, vendor: int, now: int) -> None:
    """A profile and one item, machine captions."""
    chosen = profile.new(store, partner, {"name": "REACH"}, now)
    item = catalogue.add_item(store, vendor, CAPTIONS, now)
    catalogue.enable(store, partner, item["id"], chosen["id"])
