"""One dictionary for pages, files and docs."""

from analytics.dictionary import COLUMNS, TERMS, terms_of
from analytics.exports import PERSON_COLUMNS, STAY_COLUMNS
from tests import dictionary_table


def test_every_column_of_every_file_is_explained():
    wanted = [*PERSON_COLUMNS, *STAY_COLUMNS]

    assert [term.name for term in terms_of(wanted)] == wanted
    assert {term.name for term in COLUMNS} == set(wanted)


def test_each_term_is_told_once_and_whole():
    told = [str(term.definition) for term in TERMS.values()]

    for term in TERMS.values():
        texts = [term.label, term.definition, term.source, term.unit, term.rounding]
        assert all(str(text).strip() for text in texts), term.name
        # One plain sentence.
        assert str(term.definition).endswith("."), term.name
        assert ". " not in str(term.definition), term.name
    # The registered are counted alike for a session and an event.
    twice = {text for text in told if told.count(text) > 1}
    assert twice == {"People with a place at the event now."}


def test_docs_say_what_the_dictionary_says():
    written = dictionary_table.PATH.read_text(encoding="utf-8")

    assert written == dictionary_table.page(written), "run: python -m tests.dictionary_table"
