"""Everything that one simulator remembers; handed to every request handler.

A world knows nothing of Kaltura's API: which accounts there are and what a change sets
off is the business of those who open it (see ``kaltura_simulator.app``).
"""

from __future__ import annotations

import threading

from kaltura_simulator.options import SimulatorOptions
from kaltura_simulator.state.clock import Clock
from kaltura_simulator.state.faults import Faults
from kaltura_simulator.state.locks import Locks
from kaltura_simulator.state.recorder import Recorder
from kaltura_simulator.state.store import Store

_BACKGROUND = "background_s"
_WIDE_CHARACTERS = "wide_characters"
_LIVE_CACHE = "live_cache"


class World:
    """Store, clock, faults, locks and recorders of one simulator."""

    def __init__(self, options: SimulatorOptions):
        self.options = options
        self.clock = Clock()
        self.store = Store(options.data, self.clock.steady, options.index_delay_s)
        self.faults = Faults()
        self.locks = Locks()
        self.recorder = Recorder()
        #: Requests for pages and analytics, which do not count as API calls.
        self.page_recorder = Recorder()
        #: How much longer every HTTP request of the API takes, like a network in between.
        self.latency_s = 0.0
        #: Answers that are given again until a moment of the clock: name -> (until, answer).
        self.kept_answers: dict[tuple[object, ...], tuple[float, bool]] = {}
        self.resetting = threading.Lock()
        self.clock.restore(self.store.setting("clock", {}))
        self.store.index_delay_s = self.store.setting("index_delay_s", options.index_delay_s)

    @property
    def background_s(self) -> float:
        """How long the work takes that Kaltura does after it has answered."""
        seconds = self.store.setting(_BACKGROUND, self.options.background_s)
        return self.store.index_delay_s if seconds is None else float(seconds)

    def set_background(self, seconds: float | None) -> None:
        """From now on that work takes this long; None: as long as lists lag."""
        self.store.set_setting(_BACKGROUND, seconds)

    @property
    def wide_characters(self) -> str:
        """What stands where a character beyond U+FFFF was; "" when all are kept."""
        return str(self.store.setting(_WIDE_CHARACTERS, ""))

    def show_wide_characters_as(self, text: str) -> None:
        """From now on readers see this in place of such a character."""
        self.store.set_setting(_WIDE_CHARACTERS, text)

    @property
    def live_cache(self) -> bool:
        """Whether ``liveStream.isLive`` is kept for a while."""
        return bool(self.store.setting(_LIVE_CACHE, self.options.live_cache))

    def set_live_cache(self, is_on: bool) -> None:
        """From now on it is, or is not."""
        self.store.set_setting(_LIVE_CACHE, is_on)
        self.kept_answers.clear()

    def clear(self) -> None:
        """Forget everything: no accounts, real time, no faults, nothing recorded."""
        self.store.clear()
        self.clock.real()
        self.store.index_delay_s = self.options.index_delay_s
        self.latency_s = 0.0
        self.kept_answers.clear()
        self.faults.drop()
        self.recorder.clear()
        self.page_recorder.clear()
        # Steady time never goes back, not by a restart after this either.
        self.save_clock()

    def save_clock(self) -> None:
        """Save the state of the clock, for the next start."""
        self.store.set_setting("clock", self.clock.state())

    def secrets(self, partner: int) -> tuple[str, ...]:
        """The admin secrets that may have signed this partner's sessions."""
        row = self.store.get(partner, "partner", partner)
        return tuple(str(row["adminSecret"]).split(",")) if row else ()
