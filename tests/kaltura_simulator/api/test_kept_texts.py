"""Texts as a server keeps them: long tags cut, and characters that its database cannot hold."""

from __future__ import annotations

import pytest
from KalturaClient.Plugins import Core

from kaltura_simulator.testing import Simulator, SimulatorFailed
from tests.kaltura_simulator.support.clients import client_of


def media(kaltura: Simulator, **fields: object):
    client = client_of(kaltura)
    entry = Core.KalturaMediaEntry(mediaType=1, **fields)
    added = client.media.add(entry)
    return added, client.media.get(added.id), client


def test_tags_are_cut_between_characters(kaltura: Simulator) -> None:
    _, held, _ = media(kaltura, tags=f"{'x' * 120}, {'ü' * 60}, {'x' * 99}€")

    assert held.tags == f"{'x' * 100}, {'ü' * 50}, {'x' * 99}"


@pytest.mark.parametrize("marks", ["?", "????"])
def test_readers_see_question_marks_and_the_reply_of_the_add_does_not(
    kaltura: Simulator, marks: str
) -> None:
    kaltura.show_wide_characters_as(marks)

    added, held, client = media(kaltura, name="a 🎉 b €")
    changed = client.media.update(added.id, Core.KalturaMediaEntry(description="🎈"))
    listed = client.media.list(Core.KalturaMediaEntryFilter(idEqual=added.id)).objects[0]

    assert (added.name, held.name) == ("a 🎉 b €", f"a {marks} b €")
    assert (changed.description, listed.description) == ("🎈", marks)


def test_all_characters_are_kept_unless_told_otherwise(kaltura: Simulator) -> None:
    kaltura.show_wide_characters_as("?")
    kaltura.reset()

    _, held, _ = media(kaltura, name="a 🎉 b")

    assert held.name == "a 🎉 b"
    with pytest.raises(SimulatorFailed):
        kaltura.show_wide_characters_as("!")
