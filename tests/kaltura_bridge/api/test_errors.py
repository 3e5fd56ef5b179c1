"""One table decides what an error means; what it does not know waits for a person."""

from __future__ import annotations

import pytest

from kaltura_bridge.api.errors import RemoteRejected, RemoteUnavailable, user_message
from kaltura_bridge.models import ErrorClass


@pytest.mark.parametrize(
    ("code", "message", "error_class"),
    [
        ("INVALID_KS", 'Invalid KS "EXPIRED", Error "-1,INVALID_STR"', ErrorClass.NEW_KS),
        ("INVALID_KS", 'Invalid KS "LOGOUT", Error "-1,INVALID_STR"', ErrorClass.STOP),
        ("INVALID_KS", 'Invalid KS "djJ8MTAxf", Error "-1,INVALID_STR"', ErrorClass.STOP),
        ("INVALID_KS", 'Invalid KS "", Error "-4,INVALID_TYPE"', ErrorClass.PERSON),
        ("INVALID_KS", "anything else", ErrorClass.STOP),
        ("CATEGORIES_LOCKED", "Categories are locked", ErrorClass.RETRY),
        ("METADATA_ALREADY_EXISTS", "Metadata already exists id [5]", ErrorClass.EXISTS),
        ("CATEGORY_ENTRY_ALREADY_EXISTS", "Entry already assigned", ErrorClass.DONE),
        ("SERVICE_FORBIDDEN", "The access is forbidden", ErrorClass.PERSON),
        ("START_SESSION_ERROR", "Error while starting session", ErrorClass.STOP),
        ("NEVER_HEARD_OF", "Something new", ErrorClass.PERSON),
    ],
)
def test_code_and_words_decide(code, message, error_class):
    assert RemoteRejected(code, message).error_class is error_class


def test_manager_never_reads_the_ks_that_kaltura_quotes():
    error = RemoteRejected("INVALID_KS", 'Invalid KS "djJ8MTAxfA4OCQiD", Error "-1,INVALID_STR"')

    assert "djJ8" not in user_message("live entry “Keynote”", error)


def test_silence_reads_as_waiting():
    error = RemoteUnavailable("no answer in time", sent=True)

    assert (
        user_message("x", error) == "Kaltura does not answer (no answer in time); we keep trying."
    )
