"""What can be ordered from a vendor, by Kaltura's numbers."""

from __future__ import annotations

from enum import IntEnum


class Feature(IntEnum):
    """Kaltura's VendorServiceFeature, as far as a vendor of captions meets it."""

    OTHER = 0
    CAPTIONS = 1
    TRANSLATION = 2
    ALIGNMENT = 3
    LIVE_CAPTION = 8
    LIVE_TRANSLATION = 11

    @classmethod
    def _missing_(cls, value: object) -> Feature:
        return cls.OTHER

    @property
    def is_live(self) -> bool:
        """Whether the work is done while something is on air."""
        return self in (Feature.LIVE_CAPTION, Feature.LIVE_TRANSLATION)

    @property
    def word(self) -> str:
        """As the command line spells it."""
        return self.name.lower().replace("_", "-")
