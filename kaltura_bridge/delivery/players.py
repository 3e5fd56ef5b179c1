"""In which player broadcasts and recordings are watched: what session, event and settings say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.conf import settings

from kaltura_bridge.models import PlayerChoice


@dataclass(frozen=True)
class PlayerSetting:
    """What an event or a session says of its player; empty where it says nothing."""

    choice: str = ""
    uiconf_id: int | None = None


@dataclass(frozen=True)
class ChosenPlayer:
    """A kind of player, and which of the account's (uiConf); KAF has its own."""

    choice: PlayerChoice = PlayerChoice.KAF
    uiconf_id: int | None = None


KAF: Final = ChosenPlayer()


def chosen_player(event: PlayerSetting, session: PlayerSetting) -> ChosenPlayer:
    """The player of a session; KAF where nothing else was chosen, or no ID is known.

    The event's own ID is one of the event's kind of player: a session of another kind takes
    that of the settings.
    """
    choice = session.choice or event.choice or PlayerChoice.KAF
    inherited = event.uiconf_id if choice == (event.choice or PlayerChoice.KAF) else None
    uiconf_id = uiconf_of(choice, session.uiconf_id or inherited)
    if choice == PlayerChoice.KAF or not uiconf_id:
        return KAF
    return ChosenPlayer(PlayerChoice(choice), uiconf_id)


def uiconf_of(choice: str, own_id: int | None) -> int | None:
    """The ID that event or session set, else that of the settings; None where there is none."""
    if own_id:
        return own_id
    if choice == PlayerChoice.V2:
        return settings.KALTURA_SLIDES_PLAYER_UICONF_ID or None
    return settings.KALTURA_PLAYER_UICONF_ID or None
