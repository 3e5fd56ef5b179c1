"""What happens to records when their profile gets a schema that they do not fit any more.

Kaltura rewrites them in the background, and until that is done the profile is TRANSFORMING
and stays as it is: METADATA_TRANSFORMING. Elements that the new schema does not have are
left out; a record that does not fit even then is invalid.
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


def refuse(profile: Data) -> None:
    """Refuse to change a profile whose records are being rewritten."""
    if profile["status"] == TRANSFORMING:
        raise ApiError("METADATA_TRANSFORMING")


def begin(call: Call, profile: Data) -> Data:
    """Leave the records that do not fit their profile's new schema to the background."""
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
        background.plan(call.store, call.partner, "metadata", str(row["id"]), steps)
    done: list[background.Step] = [(at, {"status": ACTIVE})]
    background.plan(call.store, call.partner, "metadata_profile", str(profile["id"]), done)
    return call.change("metadata_profile", profile["id"], status=TRANSFORMING)


def _rewritten(profile: Data, record: Data) -> Data:
    """A record without what its profile's schema does not have."""
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
