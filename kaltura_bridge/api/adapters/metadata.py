"""Metadata records: XML documents whose order the account's own XSD dictates.

A record has no key of ours; its owner is the entry it describes. Elements that we do
not manage stay as they are (slides chosen by a producer, for one). Rules:
plugins/metadata/services/MetadataService.php of kaltura/server.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from lxml import etree

from kaltura_bridge.api.account import Profile, Resources
from kaltura_bridge.api.adapters.base import Lookup, Write, is_deleted
from kaltura_bridge.api.adapters.owned import OwnedObject
from kaltura_bridge.api.client import Request, new, wire
from kaltura_bridge.api.lists import key_lists, list_each
from kaltura_bridge.specs import Kind, Observed

ENTRY = "1"
XML = "__xml"  # the name by which an observed record keeps its whole document
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=True)
_XS = "{http://www.w3.org/2001/XMLSchema}"


def records_of(
    entry_ids: Iterable[str], profiles: Iterable[str], resources: Resources, **asked: Any
) -> list[Request]:
    """Lists of the records that these entries have by these profiles; ``asked`` narrows them.

    One profile to a list: an entry has one record of each, so a list of entries fits a page.
    """
    filters = [
        new(
            "KalturaMetadataFilter",
            metadataProfileIdEqual=resources.profile(name).id,
            metadataObjectTypeEqual=ENTRY,
            objectIdIn=ids,
            **asked,
        )
        for name in profiles
        for ids in key_lists(entry_ids)
    ]
    return list_each(lambda c: c.metadata.metadata, filters)


class MetadataAdapter:
    kind = Kind.METADATA
    can_delete = True

    def find(self, lookup: Lookup, resources: Resources) -> list[Request]:
        profiles = {key.rsplit("/", 1)[-1] for key in lookup.keys.get(self.kind, set())}
        return records_of(lookup.entry_keys, sorted(profiles), resources)

    def get(self, remote_id: str) -> Request | None:
        return Request(lambda c: c.metadata.metadata.get(remote_id), as_row=True)

    def read(self, raw: Any, lookup: Lookup, resources: Resources) -> Observed | None:
        if is_deleted(self.kind, raw):
            return None
        entry = lookup.entry_keys.get(wire(raw.objectId))
        profile = resources.profile_name(wire(raw.metadataProfileId))
        if entry is None or profile is None:
            return None
        fields = parse(wire(raw.xml)) | {XML: wire(raw.xml)}
        created = int(wire(raw.createdAt) or 0)
        return Observed(self.kind, f"{entry}/{profile}", wire(raw.id), fields, created)

    def add(self, write: Write, resources: Resources) -> Request:
        profile = resources.profile(write.spec.variant)
        elements = {name: value for name, value in write.values.items() if name != "objectId"}
        xml, object_id = render(elements, profile), write.values["objectId"]
        return Request(
            lambda c: c.metadata.metadata.add(profile.id, ENTRY, object_id, xml), write=True
        )

    def new_id(self, write: Write, raw: Any) -> str:
        return wire(raw.id)

    def update(self, write: Write, resources: Resources) -> Request:
        """Replaces the whole document: ours over what stands there."""
        before = write.found.fields[XML] if write.found else ""
        xml = render(write.changed, resources.profile(write.spec.variant), before)
        return Request(lambda c: c.metadata.metadata.update(write.remote_id, xml), write=True)

    def delete(self, owned: OwnedObject) -> Request:
        return Request(lambda c: c.metadata.metadata.delete(owned.remote_id), write=True)


def parse(xml: str) -> dict[str, str]:
    """A document's elements by name: details as ``Detail/KEY``, presenters as a JSON list."""
    elements: dict[str, str] = {}
    presenters = []
    for element in etree.fromstring(xml.encode(), _PARSER):
        if element.tag == "Detail":
            elements[f"Detail/{element.findtext('Key') or ''}"] = element.findtext("Value") or ""
        elif element.tag == "Presenter":
            presenters.append({child.tag: child.text or "" for child in element if child.text})
        else:
            elements[str(element.tag)] = element.text or ""
    elements["Presenter"] = json.dumps(presenters, ensure_ascii=False, sort_keys=True)
    return elements


def render(elements: Mapping[str, str], profile: Profile, before: str = "") -> str:
    """The document ``before`` with these elements put in, in the order of the profile's XSD."""
    root = etree.fromstring(before.encode(), _PARSER) if before else etree.Element("metadata")
    for name, value in elements.items():
        _put(root, name, value)
    _arrange(root, etree.fromstring(profile.xsd.encode(), _PARSER).find(f"{_XS}element"))
    return etree.tostring(root, encoding="unicode")


def _put(root: Any, name: str, value: str) -> None:
    if name.startswith("Detail/"):
        _put_detail(root, name.removeprefix("Detail/"), value)
    elif name == "Presenter":
        for old in root.findall("Presenter"):
            root.remove(old)
        for presenter in json.loads(value):
            element = etree.SubElement(root, "Presenter")
            for tag, text in presenter.items():
                etree.SubElement(element, tag).text = text
    else:
        element = root.find(name)
        if element is None:
            element = etree.SubElement(root, name)
        element.text = value


def _put_detail(root: Any, key: str, value: str) -> None:
    for detail in root.findall("Detail"):
        if detail.findtext("Key") == key:
            break
    else:
        detail = etree.SubElement(root, "Detail")
        etree.SubElement(detail, "Key").text = key
        etree.SubElement(detail, "Value")
    detail.find("Value").text = value


def _arrange(element: Any, declaration: Any) -> None:
    """Bring children into the declared order; add the empty ones that the XSD demands."""
    declared = [] if declaration is None else _children(declaration)
    for child in declared:
        required = child.get("minOccurs", "1") != "0"
        if required and element.find(child.get("name")) is None:
            etree.SubElement(element, child.get("name"))
    order = {child.get("name"): position for position, child in enumerate(declared)}
    element[:] = sorted(element, key=lambda child: order.get(child.tag, len(order)))
    for child in declared:
        if _children(child):
            for inner in element.findall(child.get("name")):
                _arrange(inner, child)


def _children(declaration: Any) -> list[Any]:
    """The elements declared directly inside an element of an XSD."""
    sequence = declaration.find(f"{_XS}complexType/{_XS}sequence")
    return [] if sequence is None else sequence.findall(f"{_XS}element")
