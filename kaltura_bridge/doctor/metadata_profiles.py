"""Metadata profiles: whether the account has them, and whether our records fit their schemas."""

from __future__ import annotations

import json
from functools import partial
from typing import Any, Final

from lxml import etree

from kaltura_bridge.api.account import PROFILES, Profile
from kaltura_bridge.api.adapters.metadata import render
from kaltura_bridge.api.client import new, wire
from kaltura_bridge.api.lists import listed, pager
from kaltura_bridge.doctor.base import Check, CheckResult, DoctorRun, failed, ok, warning
from kaltura_bridge.doctor.connection import CREDENTIALS

# A record of each profile as the recipes write it, by the names of api/adapters/metadata.py.
SAMPLES: Final[dict[str, dict[str, str]]] = {
    "KMS_KWEBCAST2": {"IsKwebcastEntry": "1", "IsSelfServe": "0"},
    "KMS_EVENTS3": {
        "StartTime": "1900000000",
        "EndTime": "1900003600",
        "Timezone": "UTC",
        "Presenter": json.dumps(
            [
                {
                    "PresenterId": "1",
                    "PresenterName": "Name",
                    "PresenterTitle": "Title",
                    "PresenterBio": "Text",
                    "PresenterLink": "https://example.org/",
                }
            ]
        ),
    },
    "EntryAdditionalInfo": {"Detail/webcastType": json.dumps("kalturalive")},
}
_SCHEMA: Final = "{http://www.w3.org/2001/XMLSchema}"


def check_profile(system_name: str, run: DoctorRun) -> CheckResult:
    """Whether the account has the profile, and our records fit its schema."""
    entries = new("KalturaMetadataProfileFilter", metadataObjectTypeEqual="1")
    answer = run.kaltura.one(lambda c: c.metadata.metadataProfile.list(entries, pager()))
    found = _named(system_name, listed(answer))
    if found is None:
        return failed(
            f"The account has no metadata profile {system_name} (or “{PROFILES[system_name]}”).",
            "Ask Kaltura to provision the account for events; the profiles come with KAF.",
        )
    return judge_schema(system_name, Profile(wire(found.id), wire(found.xsd)))


def _named(system_name: str, profiles: list[Any]) -> Any | None:
    """The profile by system name; older accounts have it under its plain name only."""
    by_system_name = (p for p in profiles if p.systemName == system_name)
    by_name = (p for p in profiles if p.name == PROFILES[system_name])
    return next(by_system_name, None) or next(by_name, None)


def judge_schema(system_name: str, profile: Profile) -> CheckResult:
    """Validate a record as we write it against the profile's schema, its order included."""
    sample, fix = SAMPLES[system_name], "Ask Kaltura to restore the profile's original schema."
    try:
        schema = etree.XMLSchema(etree.fromstring(profile.xsd.encode()))
        document = etree.fromstring(render(sample, profile))
    except (etree.XMLSyntaxError, etree.XMLSchemaParseError) as error:
        return failed(f"The schema of profile {profile.id} cannot be read: {error}.", fix)
    if missing := _written(document) - _declared(profile.xsd):
        return warning(
            f"The schema of profile {profile.id} has no {', '.join(sorted(missing))}.",
            f"{fix} Until then {_consequence(missing)}.",
        )
    if not schema.validate(document):
        return failed(
            f"The portal's records do not fit profile {profile.id}: {_complaint(schema)}", fix
        )
    return ok(f"Profile {profile.id} accepts the portal's records.")


def _consequence(missing: set[str]) -> str:
    """What the sync leaves out, or cannot."""
    if all(name.startswith("Presenter") for name in missing):
        return "event pages at Kaltura show speakers without it"
    return "Kaltura refuses records that contain it"


def _complaint(schema: etree.XMLSchema) -> str:
    """The first thing that the schema says against the document."""
    return str(next(iter(schema.error_log)).message)  # type: ignore[call-overload]


def _written(document: Any) -> set[str]:
    return {str(element.tag) for element in document.iter()}


def _declared(xsd: str) -> set[str]:
    schema = etree.fromstring(xsd.encode())
    return {str(element.get("name")) for element in schema.iter(f"{_SCHEMA}element")}


CHECKS = tuple(
    Check(f"metadata profile {name}", partial(check_profile, name), needs=(CREDENTIALS,))
    for name in PROFILES
)
