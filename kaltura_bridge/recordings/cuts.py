"""Cuts that Kaltura could not carry out are cancelled there, so that another can be ordered."""

from __future__ import annotations

from functools import partial
from typing import Any

from kaltura_bridge.api.client import Kaltura, Request
from kaltura_bridge.api.errors import KalturaError
from kaltura_bridge.models import RecordingChange, RecordingChangeKind, RecordingChangeState
from kaltura_bridge.recordings.asking import Asked


def cancel_failed_cuts(kaltura: Kaltura, asked: Asked) -> None:
    """Give up what Kaltura failed to replace, where the portal had ordered it.

    What others replace is theirs. Raises KalturaError; cancelled twice is once.
    """
    failed = [held.entry_id for held in asked.recordings.values() if held.has_failed_change]
    if not failed:
        return
    ours = RecordingChange.objects.filter(
        kind=RecordingChangeKind.TRIM,
        state=RecordingChangeState.PROCESSING,
        adding_since__lte=asked.begun_at,
        entry_id__in=failed,
    )
    ids = sorted(set(ours.values_list("entry_id", flat=True)))
    for answer in kaltura.ask(
        [Request(partial(_cancel, entry_id), write=True) for entry_id in ids]
    ):
        if isinstance(answer, KalturaError):
            raise answer


def _cancel(entry_id: str, client: Any) -> object:
    answer: object = client.media.cancelReplace(entry_id)
    return answer
