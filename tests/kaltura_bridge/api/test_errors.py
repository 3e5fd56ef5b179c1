"""One table decides what an error means; what it does not know waits for a person."""

from __future__ import annotations

import pytest

from kaltura_bridge.api.errors import RemoteRejected, RemoteUnavailable, Verdict, sentence


@pytest.mark.parametrize(
    ("code", "message", "verdict"),
    [
        ("INVALID_KS", 'Invalid KS "EXPIRED", Error "-1,INVALID_STR"', Verdict.NEW_KS),
        ("INVALID_KS", 'Invalid KS "LOGOUT", Error "-1,INVALID_STR"', Verdict.STOP),
        ("INVALID_KS", 'Invalid KS "djJ8MTAxf", Error "-1,INVALID_STR"', Verdict.STOP),
        ("INVALID_KS", 'Invalid KS "", Error "-4,INVALID_TYPE"', Verdict.PERSON),
        ("INVALID_KS", "anything else", Verdict.STOP),
        ("CATEGORIES_LOCKED", "Categories are locked", Verdict.RETRY),
        ("METADATA_ALREADY_EXISTS", "Metadata already exists id [5]", Verdict.EXISTS),
        ("CATEGORY_ENTRY_ALREADY_EXISTS", "Entry already assigned", Verdict.DONE),
        ("SERVICE_FORBIDDEN", "The access is forbidden", Verdict.PERSON),
        ("START_SESSION_ERROR", "Error while starting session", Verdict.STOP),
        ("NEVER_HEARD_OF", "Something new", Verdict.PERSON),
    ],
)
def test_code_and_words_decide(code, message, verdict):
    assert RemoteRejected(code, message).verdict is verdict


def test_manager_never_reads_the_ks_that_kaltura_quotes():
    error = RemoteRejected("INVALID_KS", 'Invalid KS "djJ8MTAxfA4OCQiD", Error "-1,INVALID_STR"')

    assert "djJ8" not in sentence("live entry “Keynote”", error)


def test_silence_reads_as_waiting():
    error = RemoteUnavailable("no answer in time", sent=True)

    assert sentence("x", error) == "Kaltura does not answer (no answer in time); we keep trying."
