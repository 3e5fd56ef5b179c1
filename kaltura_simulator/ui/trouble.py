"""Trouble on the face: a button for each kind of fault, and the faults that wait."""

from __future__ import annotations

import json
from typing import Any

from kaltura_simulator.state.world import World
from kaltura_simulator.web.html import Html, fill, joined

_ANY_LIST = "*.list"
#: What a button says, and the fault that it makes.
_BUTTONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Refuse the connection", {"action": "*", "mode": "refuse"}),
    ("Lose the reply", {"action": "*", "mode": "lose_reply"}),
    ("Cut the reply", {"action": "*", "mode": "cut_reply"}),
    ("Reply 5 s late", {"action": "*", "mode": "slow_reply", "seconds": 5}),
    ("429, retry after 5 s", {"action": "*", "mode": "status_429", "retry_after": 5}),
    ("429 alone", {"action": "*", "mode": "status_429"}),
    ("503 with HTML", {"action": "*", "mode": "status_5xx"}),
    ("Say rate limited", {"action": "*", "mode": "rate_limited"}),
    ("Say the session expired", {"action": "*", "mode": "expired_ks"}),
    ("Lose an item of a list", {"action": _ANY_LIST, "mode": "lose_item"}),
    ("Lose a page of a list", {"action": _ANY_LIST, "mode": "lose_page"}),
)


def buttons() -> Html:
    """One button for each kind of trouble."""
    return joined(
        fill(
            '<button type="button" data-post="/_control/faults" data-body="$body">$words</button>',
            body=json.dumps(fault),
            words=words,
        )
        for words, fault in _BUTTONS
    )


def waiting(world: World) -> Html:
    """The faults that nobody met yet, and a button that takes them back."""
    rules = world.faults.rules()
    if not rules:
        return Html('<p class="quiet">None waits.</p>')
    rows = joined(
        fill(
            "<li><code>$mode</code> for <code>$action</code>, $times</li>",
            mode=rule["mode"],
            action=rule["action"],
            times="for ever" if rule["times"] is None else f"{rule['times']}×",
        )
        for rule in rules
    )
    return fill(
        '<ul>$rows</ul><p class="buttons"><button type="button" data-post="/_control/faults"'
        ' data-method="DELETE" data-focus="no trouble">No more trouble</button></p>',
        rows=rows,
    )
