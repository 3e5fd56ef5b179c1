"""What the account has and we only look up: its parent category, profiles, programs to download.

Looked up once an hour and kept on the Account row, so every worker shares it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.utils import timezone

from kaltura_bridge.api.errors import KalturaError
from kaltura_bridge.api.studio_apps import SLIDES_PROFILE, WEBCASTING, StudioApp, studio_apps
from kaltura_bridge.models import Account, ErrorClass, ErrorKind

if TYPE_CHECKING:
    from kaltura_bridge.api.client import Kaltura

FRESH = timedelta(hours=1)
TOP = "0"  # the parent of categories that have none
# systemName -> name, by which older accounts hold the same profile.
PROFILES = {
    "KMS_KWEBCAST2": "KwebcastProfile",
    "KMS_EVENTS3": "EventsProfile3",
    "EntryAdditionalInfo": "Entry Additional Info",
}


class AccountLacks(KalturaError):
    """Something must be set up at Kaltura or in the settings before anything can be made."""

    kind = ErrorKind.SETTING

    @property
    def error_class(self) -> ErrorClass:
        """Unlike a setting that one object names, this one stops everything."""
        return ErrorClass.STOP


@dataclass(frozen=True)
class Profile:
    id: str
    xsd: str


@dataclass(frozen=True)
class Resources:
    parent_category_id: str
    profiles: Mapping[str, Profile]
    presentation_profile_id: str = ""  # what converts slides for the Studio
    studio_apps: tuple[StudioApp, ...] = ()

    def profile(self, name: str) -> Profile:
        """Raises AccountLacks when the account has no such metadata profile."""
        if name not in self.profiles:
            raise AccountLacks(
                f"The Kaltura account has no metadata profile {name}. "
                "Ask Kaltura to provision the account for events."
            )
        return self.profiles[name]

    def profile_name(self, profile_id: str) -> str | None:
        return next((n for n, p in self.profiles.items() if p.id == profile_id), None)


_PRESENTER: Final = re.compile(r"""<\w+:element\b[^>]*\bname=["'](Presenter\w+)["']""")


def presenter_elements(resources: Resources) -> frozenset[str] | None:
    """What of a presenter the account's event pages have room for; None: not known.

    An element that the schema does not declare makes Kaltura refuse the whole record.
    """
    profile = resources.profiles.get("KMS_EVENTS3")
    return frozenset(_PRESENTER.findall(profile.xsd)) if profile else None


def account() -> Account:
    """The row of the account in the settings; made when first asked for."""
    return Account.objects.get_or_create(partner_id=settings.KALTURA_PARTNER_ID)[0]


def resources_for(kaltura: Kaltura) -> Resources:
    """The account's resources, from the row when fresh, else asked of Kaltura in one request.

    Raises AccountLacks when the parent category does not exist.
    """
    row = account()
    kept, at = row.resources, row.resources_at
    # A row of an earlier version knows less.
    same = kept.get("parent") == settings.KALTURA_PARENT_CATEGORY and "studio_apps" in kept
    if at and same and timezone.now() - at < FRESH:
        return _kept(kept)
    found = _ask(kaltura)
    row.resources = {"parent": settings.KALTURA_PARENT_CATEGORY, **asdict(found)}
    row.resources_at = timezone.now()
    row.save(update_fields=["resources", "resources_at"])
    return found


def remembered_resources() -> Resources | None:
    """As last looked up, however long ago; None when never. Asks nobody."""
    row = Account.objects.filter(partner_id=settings.KALTURA_PARTNER_ID).first()
    return _kept(row.resources) if row and row.resources else None


def _kept(row: Mapping[str, Any]) -> Resources:
    profiles = {name: Profile(**p) for name, p in row["profiles"].items()}
    apps = tuple(StudioApp(**app) for app in row.get("studio_apps", ()))
    slides = str(row.get("presentation_profile_id", ""))
    return Resources(row["parent_category_id"], profiles, slides, apps)


def _ask(kaltura: Kaltura) -> Resources:
    from kaltura_bridge.api.client import Request, new  # the web process never loads the client
    from kaltura_bridge.api.lists import listed, pager

    name = settings.KALTURA_PARENT_CATEGORY
    by_name = new("KalturaCategoryFilter", fullNameEqual=name)
    entries = new("KalturaMetadataProfileFilter", metadataObjectTypeEqual="1")
    slides = new("KalturaConversionProfileFilter", systemNameEqual=SLIDES_PROFILE)
    programs = new("KalturaUiConfFilter", objTypeEqual=WEBCASTING)
    answers = kaltura.ask(
        [
            Request(lambda c: c.category.list(by_name, pager())),
            Request(lambda c: c.metadata.metadataProfile.list(entries, pager())),
            Request(lambda c: c.conversionProfile.list(slides, pager())),
            Request(lambda c: c.uiConf.listTemplates(programs, pager())),
        ]
    )
    needed, wanted = answers[:2], answers[2:]
    for answer in needed:
        if isinstance(answer, KalturaError):
            raise answer
    parents, profiles = (listed(answer) for answer in needed)
    if not parents and name:
        raise AccountLacks(f"Kaltura has no category “{name}”. Check KALTURA_PARENT_CATEGORY.")
    parent = str(parents[0].id) if name else TOP
    # Without these two only the Studio lacks something, which the doctor tells.
    converters, templates = (
        [] if isinstance(answer, KalturaError) else listed(answer) for answer in wanted
    )
    return Resources(
        parent,
        _profiles(profiles),
        str(converters[0].id) if converters else "",
        studio_apps((str(each.id), str(each.config)) for each in templates),
    )


def _profiles(listed_profiles: list[Any]) -> dict[str, Profile]:
    found: dict[str, Profile] = {}
    for system_name, plain_name in PROFILES.items():
        for by in ("systemName", "name"):
            wanted = system_name if by == "systemName" else plain_name
            for raw in listed_profiles:
                if getattr(raw, by) == wanted and system_name not in found:
                    found[system_name] = Profile(str(raw.id), str(raw.xsd))
    return found
