"""What became of a cut of a recording itself, by the recording's length. Pure but for the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils import timezone

from kaltura_bridge.sync.lag import index_delay

if TYPE_CHECKING:  # it loads the Kaltura client, which the web process does without
    from kaltura_bridge.models import RecordingChange
    from kaltura_bridge.recordings.asking import HeldRecording

FAILED: Final = "Kaltura could not cut it: the recording is as it was."
#: Kaltura may round lengths to whole seconds: a cut of less cannot be seen.
_ROUNDED_MS: Final = 1000


def cut_outcome(change: RecordingChange, held: HeldRecording | None) -> str | None:
    """What went wrong; "" when it is done, and None while Kaltura goes on or does not tell."""
    if held is None:
        return None
    if held.has_failed_change:
        return FAILED
    if held.is_changing:
        return None
    if held.milliseconds != change.length_before_ms or _is_unseen(change):
        return ""
    # Whoever reads a moment after the order may be told how it was before.
    sent = change.adding_since
    return None if sent and timezone.now() < sent + index_delay() else FAILED


def _is_unseen(change: RecordingChange) -> bool:
    return change.length_before_ms - change.length_ms < _ROUNDED_MS
