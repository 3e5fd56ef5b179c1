"""Kaltura's notifications: signed messages that an object there has changed.

A message adopts and overwrites nothing. It makes the target pending that the object
belongs to, and the next sync reads Kaltura back, as the sweep would have done minutes
later. Our own writes come back as messages too; reading back what is in sync writes
nothing, so there is no loop.

Kaltura signs with a plain digest of the secret and the body (X-KALTURA-SIGNATURE, its
name in X-KALTURA-HASH-ALGO). Such a digest is open to length extension by whoever has
seen one, but what is appended begins with a padding byte (0x80), and a JSON document may
not end in that. Source: KDispatchHttpNotificationEngine.class.php in
plugins/event_notification/providers/http/lib of kaltura/server.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial, reduce
from operator import or_
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from events.characters import clean_text
from kaltura_bridge.captions.asking import note_task_changed
from kaltura_bridge.fields import field_of
from kaltura_bridge.models import Notification, RemoteLink, SyncTarget
from kaltura_bridge.queue import TaskName, enqueue, notify_worker_on_commit
from kaltura_bridge.recordings.looks import look_for_entries
from kaltura_bridge.specs import Kind, uuid_of_key
from kaltura_bridge.sync import states

logger = logging.getLogger(__name__)

LARGEST: Final = 256 * 1024  # bytes; Kaltura's largest objects take a few KB
# Within this time of a write of ours, a message that says just what we wrote is its echo.
ECHO: Final = timedelta(seconds=30)
_DIGESTS: Final = frozenset({"sha1", "sha256", "sha512"})
_DELETED: Final = "deleted"
_EVENTS: Final = {"1": "added", "2": "changed", "5": "created", "7": _DELETED}

# By the end of an object's class: which of our objects it tells of, and where their ids stand.
_ENTRIES: Final = (Kind.ENTRY, Kind.ROOM)
_ABOUT: Final[Mapping[str, tuple[tuple[Kind, str], ...]]] = {
    "CategoryEntry": tuple((kind, "entryId") for kind in _ENTRIES),
    "ScheduleEventResource": ((Kind.SCHEDULE_EVENT, "eventId"),),
    "ScheduleEvent": ((Kind.SCHEDULE_EVENT, "id"),),
    "ScheduleResource": ((Kind.RESOURCE, "id"),),
    "Entry": tuple((kind, "id") for kind in _ENTRIES),
    "Asset": tuple((kind, "entryId") for kind in _ENTRIES),
    "Category": ((Kind.CATEGORY, "id"),),
    "Metadata": ((Kind.METADATA, "id"), *((kind, "objectId") for kind in _ENTRIES)),
}

_CAPTION_TASK: Final = "KalturaEntryVendorTask"


class Refused(Exception):
    """A message that is not taken; its text is for the log, ``status`` for the sender."""

    status = 403


class Malformed(Refused):
    """A signed message that says nothing we can read."""

    status = 400


class TooLarge(Refused):
    status = 413


@dataclass(frozen=True)
class Message:
    """What a notification says: what happened to which object, and how that is now."""

    digest: str
    event: str
    class_name: str
    fields: Mapping[str, Any]

    @property
    def title(self) -> str:
        """Such as: changed LiveStreamScheduleEvent."""
        return f"{self.event} {self.class_name.removeprefix('Kaltura')}"[:64]

    @property
    def remote_id(self) -> str:
        return _text(self.fields.get("id"))[:64]

    @property
    def about(self) -> set[tuple[Kind, str]]:
        """Kind and remote id of what it may tell of."""
        ways = (way for end, way in _ABOUT.items() if self.class_name.endswith(end))
        found = ((kind, _text(self.fields.get(name))) for kind, name in next(ways, ()))
        return {(kind, remote_id) for kind, remote_id in found if remote_id}

    @property
    def uuid(self) -> UUID | None:
        """The planned object whose key it carries, linked or not."""
        keys = (_text(self.fields.get(name)) for name in ("referenceId", "systemName"))
        return next((uuid for key in keys if (uuid := uuid_of_key(key))), None)

    @property
    def changed_at(self) -> datetime | None:
        """When the object was last changed, as Kaltura says."""
        seconds = self.fields.get("updatedAt")
        if not isinstance(seconds, int) or not 0 < seconds < 2**33:
            return None
        return datetime.fromtimestamp(seconds, UTC)


@csrf_exempt
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """Take one notification. 200: taken or known already; Kaltura sends again after all else."""
    try:
        queued = take(_signed_body(request))
    except Refused as refusal:
        logger.warning("Refused a notification of %s: %s", request.META["REMOTE_ADDR"], refusal)
        return _answer("refused", refusal.status)
    return _answer(f"{queued} queued" if queued is not None else "known already", 200)


def _answer(text: str, status: int) -> HttpResponse:
    response = HttpResponse(f"{text}\n", status=status, content_type="text/plain")
    response["Cache-Control"] = "no-store"
    return response


# Who says so


def _signed_body(request: HttpRequest) -> bytes:
    """The body, once size and signature are right. Raises Refused."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > LARGEST:
        raise TooLarge(f"it is larger than {LARGEST} bytes")
    secret: str = settings.KALTURA_WEBHOOK_SECRET
    if not secret:
        raise Refused("KALTURA_WEBHOOK_SECRET is not set")
    name = request.headers.get("X-Kaltura-Hash-Algo", "sha1").lower()
    if name not in _DIGESTS:
        raise Refused("its digest is none of Kaltura's")
    given = request.headers.get("X-Kaltura-Signature", "").lower()
    right = hashlib.new(name, secret.encode() + request.body).hexdigest()
    if not hmac.compare_digest(right.encode(), given.encode()):
        raise Refused("its signature is wrong")
    return request.body


# What it says


def read(body: bytes) -> Message:
    """The message in a notification's body. Raises Malformed."""
    try:
        payload = json.loads(body)
        fields = payload["object"]
        class_name, event = fields["objectType"], str(payload["eventType"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Malformed("it is not an object as JSON (format 1)") from error
    if not isinstance(class_name, str) or not re.fullmatch(r"Kaltura[A-Za-z]+", class_name):
        raise Malformed("its object has no class")
    digest = hashlib.sha256(body).hexdigest()
    return Message(digest, _EVENTS.get(event, "event"), class_name, fields)


def take(body: bytes) -> int | None:
    """Make the targets pending that a message is about; None when it was taken before.

    Raises Malformed, and Refused for a message older than what is kept of them: nobody
    could tell it from a replay.
    """
    message = read(body)
    if message.changed_at and timezone.now() - message.changed_at > Notification.KEPT_FOR:
        raise Refused(f"it tells of {message.changed_at:%Y-%m-%d}; that may be a replay")
    with transaction.atomic():
        found = _targets(message)
        if not _is_first(message, len(found)):
            return None
        _note_recordings(message)
        if found:
            states.touch_all(SyncTarget.objects.filter(pk__in=found))
            notify_worker_on_commit()
        elif message.class_name == _CAPTION_TASK and note_task_changed(message.remote_id):
            transaction.on_commit(partial(enqueue, TaskName.CAPTIONS))
    return len(found)


def _note_recordings(message: Message) -> None:
    """A broadcast that ended, or a recording that is ready or gone: the worker looks at once."""
    if message.class_name.endswith("Entry") and not message.class_name.endswith("CategoryEntry"):
        look_for_entries({message.remote_id, _text(message.fields.get("rootEntryId"))[:64]} - {""})


def _is_first(message: Message, targets: int) -> bool:
    """Whether nobody took it yet. Of two at once the database lets one through."""
    note = Notification(
        digest=message.digest,
        event_type=message.title,
        remote_id=message.remote_id,
        targets=targets,
    )
    try:
        with transaction.atomic():
            note.save(force_insert=True)
    except IntegrityError:
        return False
    return True


# Whom it concerns


def _targets(message: Message) -> set[int]:
    """The ids of the targets to read back: by remote id, and by our key on the object."""
    links = _links(message)
    found = {link.target_id for link in links if not _is_echo(message, link)}
    known = any(link.remote_id == message.remote_id for link in links)
    if message.uuid and not known:
        mine = SyncTarget.objects.filter(object_uuid=message.uuid)
        found |= set(mine.values_list("pk", flat=True))
    return found


def _links(message: Message) -> list[RemoteLink]:
    if not message.about:
        return []
    ids = (Q(kind=kind, remote_id=remote_id) for kind, remote_id in message.about)
    return list(RemoteLink.objects.filter(reduce(or_, ids)))


def _is_echo(message: Message, link: RemoteLink) -> bool:
    """Whether it says no more than what we wrote there moments ago."""
    if message.event == _DELETED or link.remote_id != message.remote_id or not link.pushed:
        return False
    if link.pushed_at is None or timezone.now() - link.pushed_at > ECHO:
        return False
    theirs = message.fields
    return all(
        name in theirs and field_of(link.kind, name).read(_text(theirs[name])) == ours
        for name, ours in link.pushed.items()
    )


def _text(value: Any) -> str:
    """A value of the message as the wire has it: booleans as 1 and 0."""
    if isinstance(value, bool):
        return "1" if value else "0"
    return clean_text(str(value)) if isinstance(value, str | int | float) else ""
