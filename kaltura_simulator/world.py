"""Everything one simulator holds, handed to every handler."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from kaltura_simulator import accounts, constants
from kaltura_simulator.api import ks
from kaltura_simulator.api.exclusive import Held
from kaltura_simulator.notify.sender import Notifier
from kaltura_simulator.state.clock import Clock
from kaltura_simulator.state.faults import Faults
from kaltura_simulator.state.recorder import Recorder
from kaltura_simulator.state.store import Store


@dataclass(frozen=True)
class Options:
    """What the command line said."""

    bind: str = f"{constants.HOST}:{constants.PORT}"
    data: str = constants.DATA_FILE
    partner_id: int = constants.PARTNER_ID
    admin_secret: str = constants.ADMIN_SECRET
    user_secret: str = constants.USER_SECRET
    newrow_token: str = constants.NEWROW_TOKEN
    index_delay_s: float = constants.INDEX_DELAY_S
    #: None: as long as lists lag.
    background_s: float | None = None
    provision: str = constants.PROVISION
    notify_hosts: str = ""


class World:
    """Store, clock, faults and recorder of one simulator."""

    def __init__(self, options: Options):
        self.options = options
        self.clock = Clock()
        self.store = Store(options.data, self.clock.steady, options.index_delay_s)
        self.faults = Faults()
        #: What one caller holds and others wait for.
        self.held = Held()
        self.recorder = Recorder()
        #: What came in beside the API: pages and analytics. Not counted as API calls.
        self.doors = Recorder()
        #: How much longer every HTTP request of the API takes, like a network in between.
        self.latency_s = 0.0
        self.resetting = threading.Lock()
        self.clock.restore(self.store.setting("clock", {}))
        self.store.index_delay_s = self.store.setting("index_delay_s", options.index_delay_s)
        self.notifier = Notifier(self)
        self.store.listener = self.notifier.take
        accounts.open_all(self)
        self.notifier.resume()

    @property
    def background_s(self) -> float:
        """How long the work takes that Kaltura does after it has answered."""
        told = self.options.background_s
        return self.store.index_delay_s if told is None else told

    def reset(self) -> None:
        """Start over: the provisioned account, real time, no trouble, nothing recorded."""
        with self.resetting, self.store.transaction():
            self.store.clear()
            self.clock.real()
            self.store.index_delay_s = self.options.index_delay_s
            self.latency_s = 0.0
            self.faults.drop()
            self.recorder.clear()
            self.doors.clear()
            accounts.open_all(self)

    def keep_clock(self) -> None:
        """Remember where the clock stands, for the next start."""
        self.store.set_setting("clock", self.clock.state())

    def secrets(self, partner: int) -> tuple[str, ...]:
        """The secrets that may have signed this partner's sessions."""
        row = self.store.get(partner, "partner", partner)
        return tuple(str(row["adminSecret"]).split(",")) if row else ()

    def read_any_ks(self, text: str) -> ks.Ks:
        """Open a session with its partner's secret, alive or not; raises KsRefused."""
        partner = ks.partner_of(text)
        if partner is None:
            raise ks.KsRefused(text)
        return ks.read(text, self.secrets(partner))

    def read_ks(self, text: str) -> ks.Ks:
        """Open a session with its partner's secret and see that it still lives.

        Raises KsRefused with Kaltura's word for the reason: EXPIRED, LOGOUT, or the
        text itself when it is no session of anyone here.
        """
        session = self.read_any_ks(text)
        partner = session.partner
        if session.expiry <= self.clock.now():
            raise ks.KsRefused("EXPIRED")
        if self.store.get(partner, "ended_ks", ended_key(session)):
            raise ks.KsRefused("LOGOUT")
        return session


def ended_key(session: ks.Ks) -> str:
    """Under which name an ended session is remembered."""
    named = session.privileges.get("sessionid") or session.privileges.get("apptoken")
    return f"id:{named}" if named else f"ks:{session.text}"
