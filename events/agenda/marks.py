"""The word or two by which a list says how a session stands, and how it changes by itself."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from events.access import Phase, Timeline, phase_of, timeline_of
from events.i18n.languages import Words
from events.models import Session, SessionStatus

SECOND: Final = timedelta(seconds=1)

# ``{}`` stands for the whole minutes left until the start.
MARKS: Final[dict[Phase, Words]] = {
    Phase.DRAFT: _("Draft"),
    Phase.CANCELLED: _("Cancelled"),
    Phase.PLANNED: "",
    Phase.SOON: _("In {} min"),
    Phase.OPEN: _("In {} min"),
    Phase.LIVE: _("Live now"),
    Phase.OVERRUN: _("Ending"),
    Phase.OVER: _("Ended"),
}
COUNTED: Final = frozenset({Phase.SOON, Phase.OPEN})
# The phase to whose beginning the minutes are counted.
COUNTED_TO: Final = Phase.LIVE


@dataclass(frozen=True)
class Mark:
    """How a session stands, in text; ``coming`` are the phases still ahead."""

    phase: Phase
    text: str
    coming: Timeline = ()

    @property
    def phases(self) -> str:
        """When they begin, for scripts: the first in Unix seconds, then from each to the next.

        Without their names, because they are always the last of all in ``MARKS``.
        """
        # Rounded up: a script must not say "open" before it is.
        first = math.ceil(self.coming[0][0].timestamp()) if self.coming else ""
        steps = [(later - earlier) // SECOND for (earlier, _), (later, _) in pairwise(self.coming)]
        return " ".join(map(str, (first, *steps)))

    @property
    def html(self) -> SafeString:
        """The mark as it stands in a page, with what a script needs to let it pass on.

        Not a template of its own, and as few bytes as can be: an agenda has hundreds of these.
        """
        if not self.text and not self.coming:
            return mark_safe("")
        css = f' class="mark mark-{self.phase}"' if self.text else ""
        phases = f' data-phases="{self.phases}"' if self.coming else ""
        # Nothing in here was typed by anybody.
        return mark_safe(f"<span{css}{phases}>{self.text}</span>")  # noqa: S308


# Of a session that nobody has looked at yet.
NO_MARK: Final = Mark(Phase.PLANNED, "")


def mark_of(session: Session, now: datetime) -> Mark:
    """The mark of ``session`` at ``now``."""
    timeline = timeline_of(session)
    phase = phase_of(session, timeline, now)
    text = str(MARKS[phase])
    if phase in COUNTED:
        text = text.format(minutes_until(session.starts_at, now))
    if phase is Phase.DRAFT and session.status != SessionStatus.DRAFT:
        # Its event is the draft, and the page's banner says so. The team looks for the
        # sessions that they have not published yet.
        text = ""
    return Mark(phase, text, tuple(step for step in timeline if step[0] > now))


def right_until(marks: Iterable[Mark], now: datetime) -> float:
    """Until when (Unix time) a page that shows these marks, as they are ``now``, is right.

    A count changes with the minute, everything else at the moments that the marks know; and a
    day begins at a quarter of an hour, whatever the zone.
    """
    shown = list(marks)
    step_s = 60 if any(mark.phase in COUNTED for mark in shown) else 900
    next_step = (now.timestamp() // step_s + 1) * step_s
    return min([next_step, *(mark.coming[0][0].timestamp() for mark in shown if mark.coming)])


def minutes_until(instant: datetime, now: datetime) -> int:
    """Whole minutes left, rounded up: "1 minute" stands until the very moment."""
    return max(0, -int((now - instant).total_seconds() // 60))


def time_left(instant: datetime, now: datetime) -> str:
    """The time until ``instant`` as a clock shows it: "12:04", "1:12:04", "2 days 1:12:04"."""
    seconds = max(0, math.ceil((instant - now).total_seconds()))
    days, hours = divmod(seconds // 3600, 24)
    clock = f"{seconds // 60 % 60:02}:{seconds % 60:02}"
    if not days:
        return f"{hours}:{clock}" if hours else clock
    text = ngettext("%(n)d day %(time)s", "%(n)d days %(time)s", days)
    return text % {"n": days, "time": f"{hours}:{clock}"}


def counted_down(text: str, until: datetime, now: datetime) -> str:
    """``text`` with the time left until then in its place ``{}``; scripts count it down."""
    if "{}" not in text:
        return text
    left = text.format(time_left(until, now))
    return format_html(
        '<span data-count-to="{}" data-text="{}">{}</span>', until.isoformat(), text, left
    )
