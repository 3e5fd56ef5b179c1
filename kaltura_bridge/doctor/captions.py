"""What captions need: a REACH profile, credit, and catalogue items for what the rules ask for."""

from __future__ import annotations

from typing import Final

from django.utils import timezone

from kaltura_bridge.captions import catalogue
from kaltura_bridge.captions.languages import language_of
from kaltura_bridge.captions.rules import active_rules, fitting_items, sessions_of
from kaltura_bridge.doctor.base import Check, CheckResult, DoctorRun, failed, ok, skipped, warning
from kaltura_bridge.doctor.connection import CREDENTIALS
from kaltura_bridge.labels import since
from kaltura_bridge.models import CaptionFeature, CaptionRule, CaptionService

PROFILE: Final = "REACH profile"
_NAMED: Final = 5


def check_profile(run: DoctorRun) -> CheckResult:
    """Whether the account has a REACH profile that orders may use."""
    found = catalogue.refresh(run.kaltura)
    fix = "Ask Kaltura for REACH and an active profile, or switch the caption rules off."
    if found.profiles and not found.error:
        names = ", ".join(f"{each.id} ({each.name})" for each in found.profiles)
        return ok(f"Captions can be ordered by profile {names}.")
    seen = found.error or "The account has no active REACH profile: no captions can be ordered."
    if found.error and found.read_at:
        seen += f" The portal goes by what it read {since(found.read_at)}."
    return failed(seen, fix) if active_rules().exists() else skipped(seen)


def check_credit(run: DoctorRun) -> CheckResult:
    """Whether there is credit left to order with."""
    now, fix = timezone.now(), "Ask Kaltura for more REACH credit."
    lines = []
    for profile in catalogue.remembered().profiles:
        if not profile.is_current(now):
            return warning(f"The credit of “{profile.name}” is not valid now.", fix)
        if profile.left is not None and profile.left <= 0:
            return warning(f"“{profile.name}” has no credit left.", fix)
        left = "unlimited" if profile.left is None else f"{profile.left:f} left"
        lines.append(f"“{profile.name}”: {left}")
    return ok(f"REACH credit: {', '.join(lines)}.")


def check_items(run: DoctorRun) -> CheckResult:
    """Whether the catalogue has something for every language of every rule."""
    rules = list(active_rules())
    if not rules:
        return ok("No event has a caption rule in force.")
    found = catalogue.remembered()
    lacks = [
        f"{rule.event}, “{rule}”: {language or 'a language that Kaltura does not know'}"
        for rule in rules
        for language in _languages(rule)
        if not language or not fitting_items(rule, language, found)
    ]
    if not lacks:
        return ok("The catalogue has an item for each language of the caption rules.")
    shown = "; ".join(lacks[:_NAMED]) + (" …" if len(lacks) > _NAMED else "")
    return failed(
        f"Nothing in the REACH catalogue fits: {shown}.",
        "Change the rule (language, who writes, how soon), set the sessions' language, or ask "
        "Kaltura for the item.",
    )


def check_shown(run: DoctorRun) -> CheckResult:
    """Whether viewers see what is delivered: at once, shown by a rule, or only by hand."""
    found = catalogue.remembered()
    hiding = sorted(
        {
            (profile.name, CaptionService(item.service_type).name.lower())
            for item in found.of(CaptionFeature.RECORDING)
            if item.service_type in CaptionService.values
            and (profile := found.profile_for(item))
            and profile.hides(item.service_type)
        }
    )
    if not hiding:
        return ok("Viewers see captions as soon as they are delivered.")
    work = ", ".join(f"“{profile}” ({service})" for profile, service in hiding)
    seen = f"Captions arrive hidden from viewers by REACH profile {work}"
    rules = active_rules().filter(feature=CaptionFeature.RECORDING, shows_at_once=False)
    names = [f"{rule.event}, “{rule}”" for rule in rules]
    if not names:
        return ok(f"{seen}; the portal shows them, or people where they ordered by hand.")
    shown = "; ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")
    return warning(
        f"{seen}, and stay hidden until somebody shows them: {shown}.",
        "Choose “Show to viewers at once” in the rule, or read and show them on the event's page "
        "Captions. Kaltura can also show them at once (the profile's autoDisplay settings).",
    )


def _languages(rule: CaptionRule) -> list[str]:
    """Kaltura's names; "" for sessions whose language has none."""
    if rule.language:
        return [rule.language]
    return sorted({language_of(session.languages) for session in sessions_of(rule)})


CHECKS = (
    Check(PROFILE, check_profile, needs=(CREDENTIALS,)),
    Check("REACH credit", check_credit, needs=(PROFILE,)),
    Check("caption rules", check_items, needs=(PROFILE,)),
    Check("hidden captions", check_shown, needs=(PROFILE,)),
)
