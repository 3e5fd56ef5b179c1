"""How a simulator was started: the values of its command line."""

from __future__ import annotations

from dataclasses import dataclass

from kaltura_simulator import constants


@dataclass(frozen=True)
class SimulatorOptions:
    """The options of one simulator; ``command_line`` reads them."""

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
    fetch_hosts: str = ""
    #: Whether ``liveStream.isLive`` is kept for a while, as at Kaltura.
    live_cache: bool = True
