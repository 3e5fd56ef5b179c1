"""Who the people of a schedule are among the speakers of an event.

Two people are never taken for one. A key (guid, code or id) identifies a person only when
all of the file gives it one name: exporters write id 0 for everybody they do not know, and
number people per talk. Whoever has no such key is known by their name.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from events.imports.schedule import SchedulePerson, Talk, WarningList, fold_name
from events.models import Speaker

# Ids of nobody: empty, 0, and the nil UUID, written for "unknown".
NOBODY = "0-"
LONGEST_KEY = Speaker._meta.get_field("external_id").max_length or 0
SHARED_KEY = "An id of a person carries several names, so they are told apart by name."


class PeopleIndex:
    """Finds the speaker that a person of the file is; ``known`` are those of the event."""

    def __init__(self, talks: Iterable[Talk], known: Iterable[Speaker]) -> None:
        self.by_key = {speaker.guid: speaker for speaker in known}
        self.names: dict[str, dict[str, str]] = {}
        self.called: dict[str, set[SchedulePerson]] = {}
        for person in (person for talk in talks for person in talk.people or ()):
            keys = _real(person.keys)
            self.called.setdefault(person.folded_name, set()).add(person)
            for key in keys:
                self.names.setdefault(key, {}).setdefault(person.folded_name, person.name)

    def warn(self, warnings: WarningList) -> None:
        for key, names in self.names.items():
            if len(names) > 1:
                warnings.note(SHARED_KEY, f"{key}: {', '.join(names.values())}")

    def find(self, person: SchedulePerson) -> Speaker | None:
        """The speaker of the event; None when the person is new to it."""
        for key in _real(person.keys):
            speaker = self.by_key.get(key)
            if speaker is None:
                continue
            if fold_name(speaker.name) == person.folded_name or self._is_renamed(key, speaker):
                return speaker
        return self.by_key.get(self.key_of(person))

    def add(self, person: SchedulePerson) -> Speaker:
        """A new, unsaved speaker for someone whom ``find`` does not know."""
        speaker = Speaker(name=person.name, external_id=self.key_of(person))
        self.by_key[speaker.external_id] = speaker
        return speaker

    def key_of(self, person: SchedulePerson) -> str:
        """The best key that is this person's alone."""
        for key in _real(person.keys):
            owner = self.by_key.get(key)
            mine = owner is None or fold_name(owner.name) == person.folded_name
            if len(self.names[key]) == 1 and (mine or self._is_renamed(key, owner)):
                return key
        return _key_of_name(person.folded_name)

    def _is_renamed(self, key: str, speaker: Speaker | None) -> bool:
        """One name under this key, and nobody new has the old one: else ids were given anew."""
        if speaker is None or len(self.names[key]) > 1:
            return False
        others = self.called.get(fold_name(speaker.name), ())
        return all(key in person.keys or self._is_known(person) for person in others)

    def _is_known(self, person: SchedulePerson) -> bool:
        """Whether an id of theirs belongs to a speaker who has this name already."""
        owners = (self.by_key.get(key) for key in _real(person.keys))
        return any(owner and fold_name(owner.name) == person.folded_name for owner in owners)


def _key_of_name(name: str) -> str:
    """For a name too long to be kept as a key, as much of it as fits and what tells it apart."""
    key = f"name:{name}"
    return (
        key if len(key) <= LONGEST_KEY else f"{key[:150]} {sha256(key.encode()).hexdigest()[:32]}"
    )


def _real(keys: Iterable[str]) -> list[str]:
    return [key for key in keys if key.strip(NOBODY)]
