"""What the join page's frame opens where an event is watched without KAF.

A V7 player stands on a page of the portal, made for one person and one ticket: its KS is in a
JSON of that page and nowhere else of ours. The plain frame and the older player are pages of
Kaltura's, whose address is all they get; there the KS stands in the address of a redirect, as
for KAF.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from csp.decorators import csp
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from events.models import Session
from kaltura_bridge.api.player_ks import player_ks, player_role, playing_time
from kaltura_bridge.delivery.options import options_for, privacy_context_of
from kaltura_bridge.delivery.players import ChosenPlayer
from kaltura_bridge.join.access import JoinRequest
from kaltura_bridge.join.destination import KafPage
from kaltura_bridge.join.identity import kaltura_user_id
from kaltura_bridge.models import Chat, PlayerChoice
from kaltura_bridge.watch import addresses
from kaltura_bridge.watch.playing import Playable, WhatPlays, playable_at

#: How often the player asks whether the stream is live, in seconds.
IS_LIVE_EVERY_S: Final = 10
# A recording of unknown length.
_LONG: Final = timedelta(hours=3)


def player_of(asked: JoinRequest) -> ChosenPlayer | None:
    """The player in which this person watches; None: they enter a page of KAF."""
    chosen = asked.destination.player
    is_watched = asked.is_recording or asked.destination.page is KafPage.ENTRY
    return chosen if is_watched and chosen.choice != PlayerChoice.KAF else None


def plays_for(asked: JoinRequest) -> Playable:
    """What their player shows: where nothing plays and they may come in, that nothing does."""
    found = playable_at(asked.session, asked.destination, asked.now)
    return found if found.entry_id else replace(found, entry_id=asked.destination.entry_id)


def player_answer(asked: JoinRequest, chosen: ChosenPlayer) -> HttpResponse:
    """The player's page, or the way to Kaltura's. Raises CannotMint without a signing secret."""
    plays = plays_for(asked)
    uiconf_id, signed = int(chosen.uiconf_id or 0), _ks(asked, plays)
    if chosen.choice is PlayerChoice.IFRAME:
        return HttpResponseRedirect(addresses.iframe_url(uiconf_id, plays.entry_id, signed))
    if chosen.choice is PlayerChoice.V2:
        return HttpResponseRedirect(addresses.v2_url(uiconf_id, plays.entry_id, signed))
    return player_page(asked.session, uiconf_id, player_config(asked, uiconf_id, plays, signed))


def player_page(session: Session, uiconf_id: int, config: Mapping[str, Any]) -> HttpResponse:
    """The page with a V7 player, for a frame of ours."""
    context = {
        "session": session,
        "player_script": addresses.v7_script(uiconf_id),
        "config": config,
    }

    def view(request: HttpRequest) -> HttpResponse:
        return render(None, "kaltura_bridge/player.html", context)

    return csp(addresses.player_policy())(view)(HttpRequest())  # type: ignore[return-value]


def player_config(
    asked: JoinRequest, uiconf_id: int, plays: Playable, signed: str
) -> dict[str, Any]:
    """What ``player.js`` gives to ``KalturaPlayer.setup`` and ``loadMedia``."""
    user_id = kaltura_user_id(asked.user)
    return {
        "setup": {
            "targetId": "player",
            "provider": {
                "partnerId": settings.KALTURA_PARTNER_ID,
                "uiConfId": uiconf_id,
                "ks": signed,
            },
            "playback": {"autoplay": True, "allowMutedAutoPlay": True},
            # By which Kaltura's analytics know who watched.
            "session": {"userId": user_id},
            "plugins": _plugins(asked, plays, user_id),
        },
        "media": {"entryId": plays.entry_id},
    }


def _plugins(asked: JoinRequest, plays: Playable, user_id: str) -> dict[str, Any]:
    if plays.what is not WhatPlays.LIVE:
        return {}
    # Without the KS the answer is what anybody may see, and comes from Kaltura's cache.
    live = {"checkLiveWithKs": False, "isLiveInterval": IS_LIVE_EVERY_S}
    asks = options_for(asked.session).questions != Chat.OFF and not player_role()
    questions = {"qna": {"userId": user_id, "userRole": "viewerRole"}} if asks else {}
    return {"kaltura-live": live, **questions}


def pass_life(asked: JoinRequest) -> timedelta:
    """For how long the KS opens what this person would get now."""
    if player_of(asked) is None:
        return timedelta(seconds=settings.KALTURA_KAF_KS_S)
    return _life(asked, plays_for(asked))


def _life(asked: JoinRequest, plays: Playable) -> timedelta:
    return playing_time(_length(asked.session, plays, asked.now))


def _ks(asked: JoinRequest, plays: Playable) -> str:
    life = _life(asked, plays)
    context = privacy_context_of(asked.session.event)
    return player_ks(kaltura_user_id(asked.user), plays.entry_id, context, life)


def _length(session: Session, plays: Playable, now: datetime) -> timedelta:
    """For how long there is something to watch."""
    if plays.what is WhatPlays.LIVE:
        return max(session.doors_close_at - now, timedelta())
    return max(_LONG, session.ends_at - session.starts_at)
