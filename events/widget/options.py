"""What a site wants of the agenda, by the address of its frame."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from urllib.parse import urlencode

from django.http import QueryDict

from events.i18n.languages import offered

AUTO, LIGHT, DARK = "auto", "light", "dark"
THEMES: Final = (AUTO, LIGHT, DARK)
ALL_DAYS: Final = "all"


@dataclass(frozen=True)
class WidgetOptions:
    """Track and day by name, "" for all and for the day that is due; theme and language.

    ``lang`` is what pages remember a choice by, so the widget calls it ``language``.
    """

    track: str = ""
    day: str = ""
    theme: str = AUTO
    language: str = ""

    @classmethod
    def from_query(cls, query: QueryDict) -> WidgetOptions:
        """What is not offered counts as not asked; tracks and days are looked at later."""
        theme = query.get("theme", AUTO)
        return cls(
            track=query.get("track", ""),
            day=query.get("day", ""),
            theme=theme if theme in THEMES else AUTO,
            language=offered(query.get("language")),
        )

    def known(self, tracks: Collection[str], days: Collection[date]) -> WidgetOptions:
        """Without a track or day that the event does not have."""
        known_days = {day.isoformat() for day in days} | {ALL_DAYS}
        return replace(
            self,
            track=self.track if self.track in tracks else "",
            day=self.day if self.day in known_days else "",
        )

    @property
    def query(self) -> str:
        """As the address writes them, the usual left out."""
        pairs = {"track": self.track, "day": self.day, "theme": self.theme}
        pairs["language"] = self.language
        usual = {"", AUTO}
        text = urlencode({name: value for name, value in pairs.items() if value not in usual})
        return f"?{text}" if text else ""

    def at(self, day: str) -> str:
        """The same on another day."""
        return replace(self, day=day).query
