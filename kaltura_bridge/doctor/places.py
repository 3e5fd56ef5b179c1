"""Where things go: the parent category, and the metadata profiles with their schemas."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import Any, Final

from django.conf import settings
from lxml import etree

from kaltura_bridge.api.account import PROFILES, Profile
from kaltura_bridge.api.adapters.metadata import render
from kaltura_bridge.api.client import new, wire
from kaltura_bridge.api.lists import listed, pager
from kaltura_bridge.doctor.base import Check, Exam, Finding, failed, ok, warning
from kaltura_bridge.doctor.door import CREDENTIALS

# KAF shows what lies below the channels of its root category, and refuses everything else.
_CHANNELS: Final = re.compile(r"[^>]+>site>channels(>.+)?")
# A document of each kind as the recipes write it, in facts of gateway/metadata.py.
SAMPLES: Final[dict[str, dict[str, str]]] = {
    "KMS_KWEBCAST2": {"IsKwebcastEntry": "1", "IsSelfServe": "0"},
    "KMS_EVENTS3": {
        "StartTime": "1900000000",
        "EndTime": "1900003600",
        "Timezone": "UTC",
        "Presenter": json.dumps(
            [{"PresenterId": "1", "PresenterName": "Name", "PresenterTitle": "Title"}]
        ),
    },
    "EntryAdditionalInfo": {"Detail/webcastType": json.dumps("kalturalive")},
}
_SCHEMA: Final = "{http://www.w3.org/2001/XMLSchema}"


def look_at_parent(exam: Exam) -> Finding:
    """Whether events' categories have a place, and one where KAF finds them."""
    name = settings.KALTURA_PARENT_CATEGORY
    if not name:
        return failed(
            "KALTURA_PARENT_CATEGORY is empty: events would lie where KAF does not look.",
            "Set it to the full name of KAF's channels, for example KAF>site>channels.",
        )
    by_name = new("KalturaCategoryFilter", fullNameEqual=name)
    found = listed(exam.kaltura.one(lambda client: client.category.list(by_name, pager())))
    if not found:
        return failed(
            f"Kaltura has no category “{name}”.",
            "Set KALTURA_PARENT_CATEGORY to the full name that KMC shows. KAF makes its "
            "channels some time after it was set up.",
        )
    if not _CHANNELS.fullmatch(name):
        return failed(
            f"“{name}” does not lie below site>channels, and KAF shows nothing elsewhere.",
            "Set KALTURA_PARENT_CATEGORY to ROOT>site>channels, ROOT being KAF's root category.",
        )
    return ok(f"“{name}” is category {wire(found[0].id)}.")


def look_at_profile(system_name: str, exam: Exam) -> Finding:
    """Whether the account has the profile, and what we write fits its schema."""
    entries = new("KalturaMetadataProfileFilter", metadataObjectTypeEqual="1")
    answer = exam.kaltura.one(lambda c: c.metadata.metadataProfile.list(entries, pager()))
    found = _named(system_name, listed(answer))
    if found is None:
        return failed(
            f"The account has no metadata profile {system_name} (or “{PROFILES[system_name]}”).",
            "Ask Kaltura to provision the account for events; its KAF brings the profiles.",
        )
    return judge_schema(system_name, Profile(wire(found.id), wire(found.xsd)))


def _named(system_name: str, profiles: list[Any]) -> Any | None:
    """The profile by system name; older accounts have it under its plain name only."""
    by_system_name = (p for p in profiles if p.systemName == system_name)
    by_name = (p for p in profiles if p.name == PROFILES[system_name])
    return next(by_system_name, None) or next(by_name, None)


def judge_schema(system_name: str, profile: Profile) -> Finding:
    """Hold a document as we write it to the profile's schema, order and all."""
    sample, fix = SAMPLES[system_name], "Ask Kaltura to restore the profile's own schema."
    try:
        schema = etree.XMLSchema(etree.fromstring(profile.xsd.encode()))
        document = etree.fromstring(render(sample, profile))
    except (etree.XMLSyntaxError, etree.XMLSchemaParseError) as error:
        return failed(f"The schema of profile {profile.id} cannot be read: {error}.", fix)
    if missing := _written(document) - _declared(profile.xsd):
        return warning(
            f"The schema of profile {profile.id} knows no {', '.join(sorted(missing))}.",
            f"{fix} Until then Kaltura refuses records that hold them.",
        )
    if not schema.validate(document):
        return failed(f"What we write does not fit profile {profile.id}: {_complaint(schema)}", fix)
    return ok(f"Profile {profile.id} takes what we write.")


def _complaint(schema: etree.XMLSchema) -> str:
    """The first thing that the schema says against the document."""
    return str(next(iter(schema.error_log)).message)  # type: ignore[call-overload]


def _written(document: Any) -> set[str]:
    return {str(element.tag) for element in document.iter()}


def _declared(xsd: str) -> set[str]:
    schema = etree.fromstring(xsd.encode())
    return {str(element.get("name")) for element in schema.iter(f"{_SCHEMA}element")}


CHECKS = (
    Check("parent category", look_at_parent, needs=(CREDENTIALS,)),
    *(
        Check(f"metadata profile {name}", partial(look_at_profile, name), needs=(CREDENTIALS,))
        for name in PROFILES
    ),
)
