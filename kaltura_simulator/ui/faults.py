"""Faults on the overview page: a button for each of the usual ones, and the active rules."""

from __future__ import annotations

import json
from typing import Any

from kaltura_simulator.state.world import World
from kaltura_simulator.web.html import Html, fill, joined

_ANY_LIST = "*.list"
#: The label of each button, and the fault that it adds.
_BUTTONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Refuse the connection", {"action": "*", "mode": "refuse"}),
    ("Lose the reply", {"action": "*", "mode": "lose_reply"}),
    ("Cut the reply short", {"action": "*", "mode": "cut_reply"}),
    ("Delay the reply by 5 s", {"action": "*", "mode": "slow_reply", "seconds": 5}),
    ("429, retry after 5 s", {"action": "*", "mode": "status_429", "retry_after": 5}),
    ("429", {"action": "*", "mode": "status_429"}),
    ("503 with HTML", {"action": "*", "mode": "status_5xx"}),
    ("Rate limited", {"action": "*", "mode": "rate_limited"}),
    ("Session expired", {"action": "*", "mode": "expired_ks"}),
    ("Lose an item of a list", {"action": _ANY_LIST, "mode": "lose_item"}),
    ("Lose a page of a list", {"action": _ANY_LIST, "mode": "lose_page"}),
)


def buttons() -> Html:
    """The buttons that add a fault."""
    return joined(
        fill(
            '<button type="button" data-post="/_control/faults" data-body="$body">$label</button>',
            body=json.dumps(fault),
            label=label,
        )
        for label, fault in _BUTTONS
    )


def active(world: World) -> Html:
    """The active rules, and a button that removes them."""
    rules = world.faults.rules()
    if not rules:
        return Html('<p class="quiet">No faults are active.</p>')
    rows = joined(
        fill(
            "<li><code>$mode</code> for <code>$action</code>, $times</li>",
            mode=rule["mode"],
            action=rule["action"],
            times="always" if rule["times"] is None else f"{rule['times']}×",
        )
        for rule in rules
    )
    return fill(
        '<ul>$rows</ul><p class="buttons"><button type="button" data-post="/_control/faults"'
        ' data-method="DELETE" data-focus="remove faults">Remove all faults</button></p>',
        rows=rows,
    )
