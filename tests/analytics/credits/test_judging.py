"""Who meets a rule, and by how much not: exact, at every border."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from analytics.credits.judging import CreditTerms, NamedSession, judge, needed_minutes

ONE = NamedSession(1, "One", Decimal(45))
TWO = NamedSession(2, "Two", Decimal(60))
THREE = NamedSession(3, "Three", Decimal(90))


def terms(**changes):
    values = {
        "sessions": [ONE, TWO, THREE],
        "minimum_percent": 80,
        "grace_minutes": 0,
        "needed_sessions": 2,
        "credits": Decimal("1.50"),
    }
    return CreditTerms(**{**values, **changes})


def minutes(**present):
    keys = {"one": 1, "two": 2, "three": 3}
    return {keys[name]: Decimal(text) for name, text in present.items()}


def test_exactly_enough_is_enough_and_a_hundredth_less_is_not():
    assert judge(terms(), minutes(one="36.00", two="48.00")).credits == Decimal("1.50")

    verdict = judge(terms(), minutes(one="36.00", two="47.99"))
    assert (verdict.credits, verdict.met, verdict.is_earned) == (Decimal("0.00"), 1, False)
    assert [(v.session.title, v.missing) for v in verdict.failed] == [
        ("Two", Decimal("0.01")),
        ("Three", Decimal("72.00")),
    ]


def test_grace_is_taken_from_what_is_needed():
    assert needed_minutes(terms(grace_minutes=5), TWO) == Decimal(43)
    assert judge(terms(grace_minutes=5), minutes(one="31", two="43")).is_earned


def test_grace_gives_nothing_to_who_was_not_there():
    verdict = judge(terms(grace_minutes=240, needed_sessions=1), {})

    assert (verdict.met, verdict.is_earned) == (0, False)


def test_minutes_are_summed_over_the_sessions_that_are_met():
    rule = terms(minutes_per_award=45, needed_sessions=1, credits=Decimal(1))

    assert judge(rule, minutes(one="45", two="44.99")).credits == 1
    assert judge(rule, minutes(one="45", two="60", three="90")).credits == 4
    # What is not met adds nothing: 10 minutes of the second do not make the next award.
    assert judge(rule, minutes(one="40", two="10")).credits == 0


@given(
    st.lists(st.decimals(0, 100, places=2), min_size=3, max_size=3),
    st.integers(0, 2),
    st.decimals("0.01", 50, places=2),
)
def test_being_there_longer_never_costs_credits(present, which, more):
    before = dict(zip((1, 2, 3), present, strict=True))
    after = {**before, which + 1: before[which + 1] + more}

    for rule in (terms(), terms(minutes_per_award=30)):
        assert judge(rule, after).credits >= judge(rule, before).credits
        assert judge(rule, after).met >= judge(rule, before).met
