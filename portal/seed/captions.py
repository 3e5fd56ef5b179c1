"""Captions of the demo's recordings: the rules order them, and a vendor delivers some."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from events.models import Event, Session
from portal.seed.local_kaltura import LocalKaltura

#: The local Kaltura's (docs/simulator.md): its REACH profile, and its vendor's account.
REACH_PROFILE: Final = 1401
VENDOR_OFFSET: Final = 200_000
CREDIT: Final = 2000
#: How many orders of recordings stay with the vendor, in work.
IN_WORK: Final = 1
LANGUAGE: Final = "English"
_WEBVTT, _READY, _PROCESSING = 3, 2, 3
_LINE_S: Final = 6
_LETTERS: Final = 180  # of a caption, at most


def seed_captions(event: Event) -> int:
    """Give the account credit, order by the event's rules, deliver. Returns what was delivered.

    Does nothing for an event that has orders. Raises NoLocalKaltura.
    """
    from kaltura_bridge.captions.service import look_after_captions  # loads the Kaltura client
    from kaltura_bridge.models import CaptionFeature, CaptionOrder

    orders = CaptionOrder.objects.filter(event=event)
    if orders.exists():
        return 0
    kaltura = LocalKaltura()
    _give_credit(kaltura)
    look_after_captions(read_catalogue=True)
    asked = orders.filter(task_id__isnull=False, feature=CaptionFeature.RECORDING)
    placed = list(asked.select_related("session").order_by("task_id"))
    _deliver(kaltura, {order.task_id: order.session for order in placed if order.session})
    orders.update(look_at=timezone.now())
    look_after_captions()
    return max(0, len(placed) - IN_WORK)


def _give_credit(kaltura: LocalKaltura) -> None:
    """So much that the page has something to reckon with; captions show as soon as they come."""
    changed = {
        "reachProfile[objectType]": "KalturaReachProfile",
        "reachProfile[autoDisplayMachineCaptionsOnPlayer]": 1,
        "reachProfile[credit][objectType]": "KalturaVendorCredit",
        "reachProfile[credit][credit]": CREDIT,
        "reachProfile[credit][fromDate]": int(timezone.now().timestamp()) - 86400,
    }
    kaltura.api("reach_reachprofile.update", kaltura.admin_ks(), id=REACH_PROFILE, **changed)


def _deliver(kaltura: LocalKaltura, sessions: dict[int | None, Session]) -> None:
    """As the vendor: begin all that was ordered, and caption all but the last."""
    partner = int(settings.KALTURA_PARTNER_ID) + VENDOR_OFFSET
    accounts = kaltura.call(f"objects?kind=partner&partner={partner}")["objects"]
    ks = kaltura.session(partner, accounts[0]["adminSecret"])
    jobs = [
        job
        for job in kaltura.api("reach_entryvendortask.getJobs", ks)["objects"]
        if job["id"] in sessions
    ]
    for number, job in enumerate(sorted(jobs, key=lambda job: int(job["id"]))):
        _report(kaltura, ks, job, status=_PROCESSING)
        if number < len(jobs) - IN_WORK:
            asset_id = _caption(kaltura, job, captions_of(sessions[job["id"]]))
            _report(kaltura, ks, job, status=_READY, outputObjectId=asset_id)


def _report(kaltura: LocalKaltura, ks: str, job: dict[str, Any], **told: object) -> None:
    sent = {f"entryVendorTask[{name}]": value for name, value in told.items()}
    sent["entryVendorTask[objectType]"] = "KalturaEntryVendorTask"
    kaltura.api("reach_entryvendortask.updateJob", ks, id=job["id"], **sent)


def _caption(kaltura: LocalKaltura, job: dict[str, Any], text: str) -> str:
    """Add captions with the key that came with the order. Returns their id."""
    about = {"language": LANGUAGE, "label": LANGUAGE, "format": _WEBVTT, "isDefault": 1}
    sent: dict[str, object] = {f"captionAsset[{name}]": value for name, value in about.items()}
    sent["captionAsset[objectType]"] = "KalturaCaptionAsset"
    service, ks = "caption_captionasset", job["accessKey"]
    asset = kaltura.api(f"{service}.add", ks, entryId=job["entryId"], **sent)
    content = {
        "contentResource[objectType]": "KalturaStringResource",
        "contentResource[content]": text,
    }
    kaltura.api(f"{service}.setContent", ks, id=asset["id"], **content)
    return str(asset["id"])


# --- What was said ---------------------------------------------------------------------


def captions_of(session: Session) -> str:
    """WebVTT of what may have been said: a welcome, the session's own texts, and questions."""
    lines = ["WEBVTT", ""]
    for number, (who, text) in enumerate(_said(session)):
        times = f"{_clock(number * _LINE_S + 2)} --> {_clock((number + 1) * _LINE_S + 2)}"
        lines += [times, f"<v {escape(who, quote=False)}>{escape(text, quote=False)}", ""]
    return "\n".join(lines)


def _said(session: Session) -> Iterator[tuple[str, str]]:
    host = "Herald"
    names = [re.sub(r"[<>&]", "", name) for name in _names_of(session)]
    speaker = names[0] if names else "Speaker"
    yield host, "Good morning, good evening, and welcome to everybody at home."
    yield host, f"The next talk is called “{session.title}”."
    yield host, f"Please give a warm welcome to {' and '.join(names) or 'our next speaker'}."
    yield speaker, "Thank you. Can you hear me at the back? Good."
    for text in _sentences(f"{session.abstract}\n\n{session.description}"):
        yield speaker, text
    yield speaker, "That is what I wanted to tell you. Thank you for listening."
    yield host, "We have some minutes for questions. Please line up at the microphones."
    yield "Microphone one", "Where can we read more about this?"
    yield speaker, "The slides are on the session's page, with links to everything I mentioned."
    yield host, "Then let us thank our speaker once more."


def _names_of(session: Session) -> Sequence[str]:
    return list(session.speakers.values_list("name", flat=True)[:3])


def _sentences(text: str) -> Iterator[str]:
    """Plain sentences of a text in Markdown, none longer than a caption."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)|https?://\S+|<[^>]+>|[*_#`]", r"\1", text)
    for sentence in re.split(r"(?<=[.?!])\s+|\n{2,}", plain):
        line = " ".join(sentence.split())
        while line:
            part = line if len(line) <= _LETTERS else line[:_LETTERS].rsplit(" ", 1)[0]
            yield part
            line = line[len(part) :].strip()


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.000"
