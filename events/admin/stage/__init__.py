"""The pages about people on stage: what they propose, who is invited, who stands there twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http.response import HttpResponseBase

from events.admin.stage.inviting import invite_speakers_page
from events.admin.stage.merging import merge_page
from events.admin.stage.review import review_page, waiting_document

#: What follows the name and the address of these pages below an event, and what answers there.
STAGE_PAGES: Final[tuple[tuple[str, str, Callable[..., HttpResponseBase]], ...]] = (
    ("", "", review_page),
    ("_document", "document/", waiting_document),
    ("_invite", "invite/", invite_speakers_page),
    ("_merge", "merge/", merge_page),
)
