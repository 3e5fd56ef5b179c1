from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from events.agenda.filters import LISTED, Facet, FilterCounts, Filters, count_matches, folded

KNOWN = {
    Facet.TRACK: ["security", "science"],
    Facet.TYPE: ["webcast", "interactive"],
    Facet.LANGUAGE: ["de", "en"],
    Facet.ROOM: ["Saal 1", "Saal 2"],
    Facet.SPEAKER: ["ada", "grace"],
}


@dataclass
class Row:
    facets: Mapping[Facet, tuple[str, ...]] = field(default_factory=dict)
    is_kept: bool = False
    search_text: str = ""
    is_in_reach: bool = True


def row(track: str = "security", language: str = "en", kept: bool = False, text: str = "") -> Row:
    return Row({Facet.TRACK: (track,), Facet.LANGUAGE: (language,)}, kept, folded(text))


def read(query: str) -> Filters:
    return Filters.from_query(QueryDict(query), KNOWN)


def test_from_query_reads_every_parameter():
    filters = read(
        "day=2030-05-06&zone=UTC&track=security&track=science&favourites=1&q=+open++data"
    )

    assert filters == Filters(
        chosen={Facet.TRACK: frozenset({"security", "science"})},
        favourites=True,
        search="open data",
        kept=(("day", "2030-05-06"), ("zone", "UTC")),
    )


def test_from_query_drops_what_the_event_does_not_have():
    assert read("track=cooking&language=xx&favourites=yes&evil=1") == Filters()


def test_query_writes_back_what_was_read():
    query = "?day=all&track=science&track=security&language=de&room=Saal+2&favourites=1&q=caf%C3%A9"

    assert read(query[1:]).query == query
    assert Filters().query == "?"


def test_toggled_adds_and_removes_one_value():
    filters = read("track=security")

    assert filters.toggled(Facet.TRACK, "science").query == "?track=science&track=security"
    assert filters.toggled(Facet.TRACK, "security").query == "?"
    assert filters.toggled(Facet.FAVOURITES).query == "?track=security&favourites=1"


def test_cleared_keeps_day_and_zone():
    assert read("day=all&zone=UTC&track=science&q=x&favourites=1").cleared().query == (
        "?day=all&zone=UTC"
    )


def test_values_widen_and_facets_narrow():
    rows = [row("security", "en"), row("science", "en"), row("security", "de"), row("art", "en")]
    filters = read("track=security&track=science&language=en")

    assert [not filters.misses(r) for r in rows] == [True, True, False, False]


def test_search_wants_every_word_and_forgives_case_and_accents():
    rows = [row(text="Café culture in Köln"), row(text="Culture"), row(text="KOLN CAFE")]
    filters = read("q=cafe+KÖLN")

    assert [not filters.misses(r) for r in rows] == [True, False, True]


def test_tally_counts_what_each_choice_would_show():
    rows = [
        row("security", "en", kept=True),
        row("security", "de"),
        row("science", "en"),
        row("science", "de", kept=True),
    ]

    assert count_matches(rows, read("track=security&language=en")) == FilterCounts(
        matching=1,
        by_value={
            (Facet.TRACK, "security"): 1,
            (Facet.TRACK, "science"): 1,
            (Facet.LANGUAGE, "en"): 1,
            (Facet.LANGUAGE, "de"): 1,
            (Facet.FAVOURITES, "1"): 1,
        },
        without={Facet.TRACK: 2, Facet.LANGUAGE: 2},
    )


def test_tally_says_what_dropping_a_filter_would_bring():
    rows = [row("security", "de", text="maps"), row("science", "en", text="birds")]

    assert count_matches(rows, read("language=de&q=birds")).without == {
        Facet.LANGUAGE: 1,
        Facet.SEARCH: 1,
    }


# A session may have several languages, or none.
VALUES = st.fixed_dictionaries(
    {f: st.lists(st.sampled_from(["", *KNOWN[f]]), unique=True).map(tuple) for f in LISTED}
)
ROWS = st.lists(
    st.builds(
        Row, VALUES, st.booleans(), st.sampled_from(["", "maps", "birds maps"]), st.booleans()
    ),
    max_size=20,
)
CHOICES = st.builds(
    Filters,
    chosen=st.fixed_dictionaries(
        {},
        optional={f: st.sets(st.sampled_from(KNOWN[f]), min_size=1).map(frozenset) for f in LISTED},
    ),
    favourites=st.booleans(),
    reach=st.booleans(),
    search=st.sampled_from(["", "maps", "birds"]),
)


@given(ROWS, CHOICES)
def test_tally_agrees_with_asking_again(rows: list[Row], filters: Filters):
    """Each count equals the number of rows that the page behind the chip shows."""

    def shown(changed: Filters) -> int:
        return sum(not changed.misses(r) for r in rows)

    counts = count_matches(rows, filters)
    assert counts.matching == shown(filters)
    assert dict(counts.without) == {f: shown(filters.without(f)) for f in filters.active}
    for (facet, value), count in counts.by_value.items():
        if facet in LISTED:
            alone = filters.without(facet).toggled(facet, value)
            assert count == shown(alone)


@given(CHOICES)
def test_query_round_trip(filters: Filters):
    assert read(filters.query[1:]) == filters
