"""Metadata records that do not match a new schema of their profile.

Kaltura rewrites them in the background; until that is done the profile is TRANSFORMING
and cannot be changed (METADATA_TRANSFORMING). Elements that the new schema does not have
are removed; a record that is still not valid becomes INVALID.
"""

from __future__ import annotations

from lxml import etree

from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.rules import xsd
from kaltura_simulator.state import background
from kaltura_simulator.state.store import Data

ACTIVE, TRANSFORMING = 1, 3
VALID, INVALID = 1, 2


def refuse_if_transforming(profile: Data) -> None:
    """Refuse to change a profile while its records are rewritten."""
    if profile["status"] == TRANSFORMING:
        raise ApiError("METADATA_TRANSFORMING")


def start(call: Call, profile: Data) -> Data:
    """Schedule the rewriting of records that do not match their profile's new schema."""
    rows = [row for row in call.all("metadata") if row["metadataProfileId"] == profile["id"]]
    misfits: list[Data] = []
    for row in rows:
        if xsd.problems(profile["xsd"], row["xml"]):
            misfits.append(row)
        else:
            call.change("metadata", row["id"], metadataProfileVersion=profile["version"])
    if not misfits:
        return profile
    at = call.clock.steady() + call.world.background_s
    for row in misfits:
        steps = [(at, _rewritten(profile, row))]
        background.schedule(call.store, call.partner, "metadata", str(row["id"]), steps)
    done: list[background.Step] = [(at, {"status": ACTIVE})]
    background.schedule(call.store, call.partner, "metadata_profile", str(profile["id"]), done)
    return call.change("metadata_profile", profile["id"], status=TRANSFORMING)


def _rewritten(profile: Data, record: Data) -> Data:
    """A record without the elements that its profile's schema does not have."""
    text = _without(record["xml"], xsd.element_names(profile["xsd"]))
    if xsd.problems(profile["xsd"], text):
        return {"status": INVALID}
    return {
        "xml": text,
        "status": VALID,
        "version": record["version"] + 1,
        "metadataProfileVersion": profile["version"],
    }


def _without(document: str, known: frozenset[str]) -> str:
    tree = xsd.parsed(document)
    for element in list(tree.iter()):
        parent = element.getparent()
        if parent is not None and str(element.tag) not in known:
            parent.remove(element)
    return etree.tostring(tree, encoding="unicode")
