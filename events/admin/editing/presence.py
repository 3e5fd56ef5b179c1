"""Who has a form open at this moment.

Open forms say so every few seconds. That is kept in the cache for less than a minute, and
nowhere else; what is lost with the cache is back with the next beat.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from django.core.cache import cache
from django.http import HttpRequest, JsonResponse

from events.models import User

if TYPE_CHECKING:
    from collections.abc import Iterator

#: How often an open form says that it is open, and how long that is believed.
BEAT_S: Final = 20
LIFE_S: Final = 50
#: How long others are told that somebody has saved.
_SAVED_S: Final = 12 * 3600
#: Windows of one object that are counted; more are not shown.
_SLOTS: Final = 12
_WINDOW_CHARS: Final = 60
_DIGITS: Final = 12


@dataclass(frozen=True)
class OtherEditor:
    """Somebody else who has the form open, or the same person in another window."""

    name: str
    since: int  # Unix seconds.
    is_me: bool = False


@dataclass(frozen=True)
class SavedBy:
    """Who saved the object last while it was open here."""

    name: str
    at: int  # Unix seconds.


@dataclass
class OpenForms:
    """The forms of one object that are open, by ``label`` and primary key."""

    label: str
    pk: int

    def beat(self, user: Any, window: str) -> list[OtherEditor]:
        """Say that this window is open, and see who else is here."""
        there = self._read()
        mine = next((key for key, row in there.items() if row[1] == window), None)
        row = [user.pk, window, there[mine][2] if mine else int(time.time())]
        if mine:
            cache.set(mine, row, LIFE_S)
        else:
            # A place is taken by whoever adds it first, so two who come at once do not
            # write over each other.
            any(cache.add(key, row, LIFE_S) for key in self._keys if key not in there)
        return list(_others(there, user, window))

    def others(self, user: Any) -> list[OtherEditor]:
        """Who is here, without saying that one is."""
        return [each for each in _others(self._read(), user, "") if not each.is_me]

    def leave(self, window: str) -> None:
        """The window is closed."""
        gone = [key for key, row in self._read().items() if row[1] == window]
        cache.delete_many(gone)

    def note_saved(self, user: Any) -> None:
        """The others are told at their next beat."""
        cache.set(self._saved_key, [user.pk, int(time.time())], _SAVED_S)

    def saved_since(self, user: Any, drawn_at: int) -> SavedBy | None:
        """Who else saved since then."""
        found = cache.get(self._saved_key)
        if not found or found[0] == user.pk or found[1] <= drawn_at:
            return None
        return SavedBy(_names([found[0]]).get(found[0], ""), found[1])

    @property
    def _keys(self) -> list[str]:
        return [f"editing:{self.label}:{self.pk}:{slot}" for slot in range(_SLOTS)]

    @property
    def _saved_key(self) -> str:
        return f"editing-saved:{self.label}:{self.pk}"

    def _read(self) -> dict[str, Any]:
        return cache.get_many(self._keys)


def _others(there: dict[str, Any], user: Any, window: str) -> Iterator[OtherEditor]:
    """Each person once, since they came; oneself only for another window."""
    first: dict[int, int] = {}
    for pk, its_window, since in there.values():
        if its_window != window:
            first[pk] = min(since, first.get(pk, since))
    names = _names(list(first)) if first else {}
    for pk, since in sorted(first.items(), key=lambda pair: pair[1]):
        yield OtherEditor(names.get(pk, ""), since, pk == user.pk)


def _names(pks: list[int]) -> dict[int, str]:
    return {user.pk: str(user) for user in User.objects.filter(pk__in=pks)}


def here_answer(request: HttpRequest, forms: OpenForms) -> JsonResponse:
    """What the script of an open form is told; ``window`` is what it calls itself."""
    assert isinstance(request.user, User)
    window = request.POST.get("window", "")[:_WINDOW_CHARS]
    if request.POST.get("left"):
        forms.leave(window)
        return JsonResponse({})
    drawn_at = request.POST.get("drawn_at", "")[:_DIGITS]
    since = int(drawn_at) if drawn_at.isascii() and drawn_at.isdecimal() else 0
    saved = forms.saved_since(request.user, since)
    others = forms.beat(request.user, window)
    return JsonResponse(
        {"others": [asdict(each) for each in others], "saved": asdict(saved) if saved else None}
    )
