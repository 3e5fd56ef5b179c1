"""Which reports there are about the audience of a broadcast, and what their columns mean.

None of them names anybody. Not every account has all of them: whoever asks is told, and that is
no error. KALTURA_FURTHER_REPORTS names those that are asked, each by its name here.

Sources: kKavaWebcastReports.php, kKavaRealtimeReports.php, kKavaEventPlatformReports.php and
kKavaCnCReports.php in alpha/apps/kaltura/lib/reports of https://github.com/kaltura/server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from events.i18n.languages import Words


class ReportForm(StrEnum):
    """By which action of Kaltura's a report is read."""

    TABLE = "getTable"
    TOTAL = "getTotal"
    GRAPHS = "getGraphs"


class ReportUnit(StrEnum):
    """What a column counts. Kaltura says shares as 0 to 1; we keep 0 to 100."""

    PEOPLE = "people"
    TIMES = "times"
    MINUTES = "minutes"
    PERCENT = "percent"

    @property
    def label(self) -> Words:
        """The unit in words."""
        return _UNITS[self]


_UNITS: Final = {
    ReportUnit.PEOPLE: _("people"),
    ReportUnit.TIMES: _("times"),
    ReportUnit.MINUTES: _("minutes"),
    ReportUnit.PERCENT: _("%"),
}


@dataclass(frozen=True)
class ReportColumn:
    """A column that pages show."""

    label: Words
    unit: ReportUnit


@dataclass(frozen=True)
class ReportDefinition:
    """One report. ``number`` is Kaltura's; ``key`` the column that names a row, "" for totals.

    ``by_time``: its rows are minutes. ``is_realtime``: there within a minute, and only for some
    hours. ``of_rooms``: rooms are in it too. ``of_recordings``: asked about them as well.
    """

    name: str
    number: str
    form: ReportForm
    label: Words
    columns: Mapping[str, ReportColumn]
    key: str = ""
    by_time: bool = False
    is_realtime: bool = False
    of_rooms: bool = False
    of_recordings: bool = False
    order: str = ""
    #: Graphs whose name Kaltura does not publish: the first one is taken as this column.
    any_graph: str = field(default="")


_PEOPLE: Final = ReportUnit.PEOPLE
_TIMES: Final = ReportUnit.TIMES
_MINUTES: Final = ReportUnit.MINUTES
_PERCENT: Final = ReportUnit.PERCENT

PLATFORMS: Final = ReportDefinition(
    name="platforms",
    number="10004",
    form=ReportForm.TABLE,
    label=_("Devices"),
    key="device",
    columns={
        "view_unique_audience": ReportColumn(_("Viewers"), _PEOPLE),
        "sum_view_time": ReportColumn(_("Watched"), _MINUTES),
    },
    is_realtime=True,
    order="-view_unique_audience",
)
USERS_OVER_TIME: Final = ReportDefinition(
    name="audience",
    number="10005",
    form=ReportForm.GRAPHS,
    label=_("Viewers over time"),
    columns={
        "view_unique_audience": ReportColumn(_("Viewers"), _PEOPLE),
        "view_unique_engaged_users": ReportColumn(_("Engaged viewers"), _PEOPLE),
    },
    by_time=True,
    is_realtime=True,
)
HIGHLIGHTS: Final = ReportDefinition(
    name="highlights",
    number="40001",
    form=ReportForm.TOTAL,
    label=_("Highlights"),
    columns={
        "count_plays": ReportColumn(_("Plays"), _TIMES),
        "unique_viewers": ReportColumn(_("Viewers"), _PEOPLE),
        "sum_view_period": ReportColumn(_("Watched in all"), _MINUTES),
        "sum_live_view_period": ReportColumn(_("Watched live"), _MINUTES),
    },
    of_recordings=True,
)
TIMELINE: Final = ReportDefinition(
    name="timeline",
    number="40011",
    form=ReportForm.TABLE,
    label=_("Engagement over time"),
    key="position",
    columns={"live_engaged_users_ratio": ReportColumn(_("Engaged viewers"), _PERCENT)},
    by_time=True,
    order="+position",
)
ATTENDEES: Final = ReportDefinition(
    name="attendees",
    number="60014",
    form=ReportForm.GRAPHS,
    label=_("Attendees over time"),
    columns={"attendees": ReportColumn(_("Attendees"), _PEOPLE)},
    by_time=True,
    of_rooms=True,
    any_graph="attendees",
)
PARTICIPATION: Final = ReportDefinition(
    name="participation",
    number="70001",
    form=ReportForm.TOTAL,
    label=_("Chat and questions"),
    columns={
        "count_reaction_clicked": ReportColumn(_("Reactions"), _TIMES),
        "reaction_clicked_participation": ReportColumn(_("Reacted"), _PERCENT),
        "count_group_chat_messages_sent": ReportColumn(_("Chat messages"), _TIMES),
        "group_chat_participation": ReportColumn(_("Wrote in the chat"), _PERCENT),
        "poll_participation": ReportColumn(_("Answered polls"), _PERCENT),
        "q_and_a_participation": ReportColumn(_("Asked questions"), _PERCENT),
        "count_q_and_a_threads": ReportColumn(_("Questions"), _TIMES),
    },
    of_rooms=True,
)

REPORTS: Final[Mapping[str, ReportDefinition]] = {
    report.name: report
    for report in (HIGHLIGHTS, USERS_OVER_TIME, ATTENDEES, TIMELINE, PLATFORMS, PARTICIPATION)
}


def wanted_reports() -> list[ReportDefinition]:
    """Those that the settings name, in the order in which pages show them."""
    named = settings.KALTURA_FURTHER_REPORTS
    return [report for name, report in REPORTS.items() if name in named]
