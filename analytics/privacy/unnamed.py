"""Unnamed people: what stays of somebody whose name is not kept, so that figures stay right."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.contrib.auth.hashers import make_password
from django.db import transaction

from analytics.figures.versions import note_changed
from analytics.match import in_batches
from analytics.models import RoomRun, Stay, ViewerTotal
from analytics.remote_people import sources_naming
from events.models import User
from kaltura_bridge.join.identity import kaltura_user_id

NAME: Final = "Unnamed person"
# Reserved for addresses that never exist: https://www.rfc-editor.org/rfc/rfc2606
_HOST: Final = "unnamed.invalid"

# What a row has of a person; a pull fills in what may be said of them.
_NOBODY: Final[dict[str, Any]] = {"user": None, "matched_by": "", "name": "", "raw": {}}


def unnamed_account(password: str) -> User:
    """An account, not saved, that nobody can use and that tells of nobody."""
    return User(
        email=f"unnamed-{uuid.uuid4().hex}@{_HOST}", name=NAME, is_active=False, password=password
    )


def new_account() -> User:
    """One such account, saved."""
    user = unnamed_account(make_password(None))
    user.save()
    return user


def identities(source: str, remote_id: str = "", number: str = "", email: str = "") -> list[str]:
    """All by which sources name a person: our id, their own numbers of them, their address.

    An id stands there with each source that names the same person by it.
    """
    named = [remote_id] if remote_id else []
    named += [
        f"{each}:{text}"
        for text in (remote_id, number)
        if text and text != "0"
        for each in sources_naming(source, text)
    ]
    return [*named, f"mailto:{email}"] if email else named


def unname_stays(stays: Iterable[Stay], user: User | None, identifier: str = "") -> int:
    """Take name, address, id and what was received out of these stays of one person.

    They get the key that a pull would give them under the new id, so that one more pull
    finds them again. Needs ``stay.run``. Returns how many.
    """
    identifier = kaltura_user_id(user) if user else identifier
    rows = list(stays)
    for stay in rows:
        base = f"{stay.run.remote_id}/{identifier}/{int(stay.joined_at.timestamp())}"
        stay.remote_key = _free_key(stay, base)
        stay.remote_user_id, stay.user = identifier, user
        stay.matched_by = stay.matched_by if user else ""
        stay.name = stay.email = ""
        stay.raw = {}
        # One by one: two stays of the same moment must not get the same key.
        stay.save(update_fields="remote_key remote_user_id user matched_by name email raw".split())
    _write_again({stay.run_id for stay in rows})
    return len(rows)


def _write_again(runs: Iterable[int]) -> None:
    """Let the next pull write these runs' stays, though it reports what it has reported before."""
    for batch in in_batches(sorted(set(runs))):
        RoomRun.objects.filter(pk__in=batch).exclude(digest="").update(digest="")


def _free_key(stay: Stay, base: str) -> str:
    others = Stay.objects.filter(source=stay.source, remote_key__startswith=base)
    taken = set(others.exclude(pk=stay.pk).values_list("remote_key", flat=True))
    key, number = base, 1
    while key in taken:
        number += 1
        key = f"{base}/{number}"
    return key


def unname_totals(totals: Iterable[ViewerTotal], user: User | None, identifier: str = "") -> int:
    """The same for what somebody watched in all."""
    identifier = kaltura_user_id(user) if user else identifier
    rows = list(totals)
    for total in rows:
        others = ViewerTotal.objects.filter(
            source=total.source, entry_remote_id=total.entry_remote_id
        ).exclude(pk=total.pk)
        key, number = identifier, 1
        while others.filter(remote_user_id=key).exists():
            number += 1
            key = f"{identifier}/{number}"
        total.remote_user_id, total.user, total.name, total.raw = key, user, "", {}
        total.matched_by = total.matched_by if user else ""
        total.save(update_fields=["remote_user_id", "user", "matched_by", "name", "raw"])
    return len(rows)


@transaction.atomic
def rename_stays(source: str, new_ids: Mapping[str, tuple[str, str]]) -> None:
    """Give stays another key and person: ``new_ids`` has both by the present key."""
    for batch in in_batches(sorted(new_ids)):
        found = Stay.objects.filter(source=source, remote_key__in=batch).select_related("run")
        for stay in found:
            key, identifier = new_ids[stay.remote_key]
            if Stay.objects.filter(source=source, remote_key=key).exists():
                stay.delete()
            else:
                own = Stay.objects.filter(pk=stay.pk)
                own.update(remote_key=key, remote_user_id=identifier, **_NOBODY, email="")
            if stay.run.session_id:
                note_changed([stay.run.session_id])
        _write_again(stay.run_id for stay in found)


@transaction.atomic
def rename_totals(source: str, entry: str, new_ids: Mapping[str, str]) -> None:
    """Give what was watched of an entry another person: ``new_ids`` by the present one."""
    of_entry = ViewerTotal.objects.filter(source=source, entry_remote_id=entry)
    for batch in in_batches(sorted(new_ids)):
        for total in of_entry.filter(remote_user_id__in=batch):
            identifier, own = new_ids[total.remote_user_id], of_entry.filter(pk=total.pk)
            if of_entry.filter(remote_user_id=identifier).exists():
                own.delete()
            else:
                own.update(remote_user_id=identifier, **_NOBODY)
            if total.session_id:
                note_changed([total.session_id])
