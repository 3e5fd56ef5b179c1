"""What somebody saw when a form was drawn for them. It travels with the form, signed.

It holds nothing that the form itself does not show. A signature that is not ours, or is of
another object, makes it unknown what was seen: then every difference is asked about.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from typing import Any, Final, cast

from django.core import signing

from events.admin.editing.drawn import Drawn, Values

#: The hidden input of a form that holds it.
FIELD: Final = "_seen"
_SALT: Final = "events.admin.editing"


@dataclass
class AskedChange:
    """Two people changed the same; what it was before, and what the one who is asked had typed."""

    was: Drawn | None
    mine: Drawn | None = None


@dataclass
class SeenForm:
    """The fields of the form, and of each row inside it by its primary key."""

    fields: Values = field(default_factory=dict)
    rows: dict[str, dict[str, Values]] = field(default_factory=dict)
    #: Of parts with one row at most: the empty row that was drawn where there was none.
    blank: dict[str, Values] = field(default_factory=dict)
    asked: dict[str, AskedChange] = field(default_factory=dict)
    drawn_at: float = field(default_factory=time.time)
    is_known: bool = True

    def signed(self, *about: object) -> str:
        """As text for the form; ``about``: of which object."""
        return signing.dumps(asdict(self), salt=_salt(about), compress=True)


def read_seen(text: str, *about: object) -> SeenForm:
    """What was seen; nothing is known of it when the signature is not right."""
    try:
        found = cast("dict[str, Any]", signing.loads(text, salt=_salt(about)))
        asked = {key: AskedChange(**each) for key, each in found.pop("asked").items()}
        return SeenForm(**found, asked=asked)
    except (signing.BadSignature, TypeError, ValueError, KeyError):
        return SeenForm(is_known=False)


def _salt(about: tuple[object, ...]) -> str:
    return ":".join([_SALT, *map(str, about)])
