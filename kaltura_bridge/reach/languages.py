"""Kaltura orders captions in "English"; files and recognisers want ``en``."""

from __future__ import annotations

from kaltura_bridge.captions.languages import code_of


def language_code(name: str) -> str:
    """The code of a language by Kaltura's name, without a region; empty for what is not known."""
    return code_of(name).partition("-")[0]
