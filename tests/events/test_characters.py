"""Characters that no name or text of ours holds: at every door, in memory and in the database."""

from __future__ import annotations

import re

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from events.characters import UNWANTED_IN_LINE, UNWANTED_IN_TEXT, clean_line, clean_text
from events.models import Event, Session, Speaker, Track, User
from tests.factories import EventFactory, SessionFactory, SpeakerFactory, TrackFactory, UserFactory
from tests.suites import many

# Hypothesis leaves surrogates out unless they are asked for.
ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=40)
DIRECTIONS = st.text("ab \u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", max_size=12)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("a\x00b\x07c\x1bd\x7fe", "abcde"),
        ("\ud800a\udfff", "a"),
        ("\ufeffa\ufeff=b", "a=b"),
        ("a\ufffeb\uffffc", "abc"),
        ("\ufdd0\ufdef\U0001fffe\U0010ffff.", "."),
        ("one\r\ntwo\rthree\u2028four\x85five\x0bsix", "one\ntwo\nthree\nfour\nfive\nsix"),
        ("\ta  b\n", "\ta  b\n"),
        ("Ünï ✓ 👩\u200d💻 עברית", "Ünï ✓ 👩\u200d💻 עברית"),
    ],
)
def test_text_loses_what_is_no_text(typed, text):
    assert clean_text(typed) == text


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("  Two\nlines\t and  blanks ", "Two lines and blanks"),
        ("\u202egnp.exe", "gnp.exe"),
        ("a\u202cb", "ab"),
        ("\u202eabc\u202c def", "\u202eabc\u202c def"),
        ("\u2067עברית\u2069 and English", "\u2067עברית\u2069 and English"),
        ("\u2067open", "open"),
        ("shut\u2069", "shut"),
        # The isolate's end ends the embedding inside it; what remains is balanced.
        ("\u2067a\u202bb\u2069c", "\u2067ab\u2069c"),
        # An embedding cannot be ended from within an isolate.
        ("\u202ba\u2067b\u202cc\u2069d", "a\u2067bc\u2069d"),
        ("\u200b\u200d \ufeff", ""),
        ("\x07", ""),
    ],
)
def test_line_is_one_line_that_turns_nothing_round(typed, line):
    assert clean_line(typed) == line


@many(2000)
@given(typed=ANY_TEXT | DIRECTIONS)
def test_folding_twice_changes_nothing_and_leaves_nothing_unwanted(typed):
    text, line = clean_text(typed), clean_line(typed)

    assert (clean_text(text), clean_line(line)) == (text, line)
    assert not re.search(UNWANTED_IN_TEXT, text)
    assert not re.search(UNWANTED_IN_LINE, line)
    assert text.encode().decode() == text


def hostile(kind: type, **columns: str):
    """A new object, and what it should hold once it is saved."""
    return {
        Event: EventFactory,
        Track: TrackFactory,
        Speaker: SpeakerFactory,
        Session: SessionFactory,
        User: UserFactory,
    }[kind](**columns)


ROWS = [
    (Event, ("title", "tagline", "location"), ("description",)),
    (Track, ("name",), ("description",)),
    (Speaker, ("name", "title"), ("biography",)),
    (Session, ("title", "subtitle", "location", "language"), ("abstract", "description")),
    (User, ("name",), ()),
]


@pytest.mark.postgres_first
@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "lines", "texts"), ROWS)
def test_every_way_to_write_folds(kind, lines, texts):
    typed = "a\x00\x07\ud800\n\uffff b"
    expected = {**dict.fromkeys(lines, "a b"), **dict.fromkeys(texts, "a\n b")}
    columns = dict.fromkeys(expected, typed)

    saved = hostile(kind, **columns)
    in_memory = {name: getattr(saved, name) for name in expected}
    stored = kind.objects.values(*expected).get(pk=saved.pk)
    kind.objects.filter(pk=saved.pk).update(**columns)
    updated = kind.objects.values(*expected).get(pk=saved.pk)

    assert (in_memory, stored, updated) == (expected, expected, expected)


@pytest.mark.postgres_first
@pytest.mark.django_db
def test_lookups_take_any_character():
    event = EventFactory(title="Plain")

    assert Event.objects.filter(title="Pl\x00ain\ud800").get() == event
    assert Event.objects.filter(title__in=["\x00", "\uffffPlain"]).get() == event


@pytest.mark.postgres_first
@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "lines", "texts"), ROWS)
def test_database_refuses_who_goes_round_the_fields(kind, lines, texts):
    """Raw SQL here; another program in real life."""
    row = hostile(kind)
    table = kind._meta.db_table
    accepted = []
    for column in (*lines, *texts):
        for char in ("\x01", "\x1b", "\x9f", "\ufdd0", "\uffff", "\U0001fffe", "\U0010ffff"):
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(
                        f'UPDATE {table} SET "{column}" = %s WHERE id = %s', [f"a{char}", row.pk]
                    )
                    accepted.append((column, char))
            except IntegrityError:
                pass

    assert accepted == []
