"""Uploaded images: whether whoever sends them to Kaltura has the files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from events.files import storage
from kaltura_bridge.doctor.base import Check, CheckResult, DoctorRun, failed, ok
from kaltura_bridge.models import EventDelivery, SessionDelivery


def check_uploads(run: DoctorRun) -> CheckResult:
    """Whether every image of the delivery settings lies in the folder of uploaded files."""
    folder, named = Path(storage.pictures.location), dict(_named())
    missing = sorted(about for name, about in named.items() if not (folder / name).is_file())
    if missing:
        return failed(
            f"{len(missing)} of {len(named)} uploaded images are not in {folder}, such as that of "
            f"{missing[0]}.",
            "See that web processes and workers share the folder of FILES_DIR, or upload them "
            "again under Delivery.",
        )
    return ok(f"{len(named)} uploaded images are there." if named else "No image was uploaded.")


def _named() -> Iterator[tuple[str, str]]:
    for model in (EventDelivery, SessionDelivery):
        for row in model.objects.exclude(thumbnail=""):
            yield str(row.thumbnail.name), f"“{row}”"


CHECKS = (Check("uploaded images", check_uploads),)
