from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from events import theme
from events.theme import contrast, luminance, on, readable, stylesheet_for
from tests.factories import EventFactory, TrackFactory

COLORS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


def test_contrast_knows_the_extremes():
    assert (round(contrast("#000000", "#ffffff"), 2), contrast("#123456", "#123456")) == (21.0, 1.0)


def test_contrast_matches_a_published_example():
    # WebAIM and WCAG agree on this grey: the darkest that fails AA on white is #777777.
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54


def test_readable_leaves_a_good_colour_alone():
    assert readable("#1f5fc9", theme.LIGHT, 4.5) == "#1f5fc9"


@given(COLORS, st.sampled_from([theme.LIGHT, theme.DARK]), st.sampled_from([3.0, 4.5]))
def test_readable_always_reaches_the_ratio(color, backgrounds, ratio):
    corrected = readable(color, backgrounds, ratio)

    assert min(contrast(corrected, background) for background in backgrounds) >= ratio


@given(COLORS)
def test_label_on_any_fill_is_readable(color):
    assert contrast(on(color), color) >= 4.5


def test_readable_darkens_on_light_and_lightens_on_dark():
    assert luminance(readable("#ffff00", theme.LIGHT, 4.5)) < luminance("#ffff00")
    assert luminance(readable("#000080", theme.DARK, 4.5)) > luminance("#000080")


def test_stylesheet_names_accent_and_tracks_in_both_schemes():
    assert stylesheet_for("#1f5fc9", {"art": "#ffff00"}) == (
        ":root{--accent:#1f5fc9;--accent-fill:#1f5fc9;--on-accent:#ffffff}"
        ".track-art{--track:#8a8a00}"
        "@media (prefers-color-scheme:dark){"
        ":root{--accent:#5585d6;--accent-fill:#2865cb;--on-accent:#ffffff}"
        ".track-art{--track:#ffff00}}\n"
    )


@pytest.mark.parametrize("bad", ["", "red", "#12345", "}body{display:none", "#12345g"])
def test_a_broken_colour_never_reaches_the_stylesheet(bad):
    assert stylesheet_for(bad, {"art": bad}) == stylesheet_for(
        theme.FALLBACK, {"art": theme.FALLBACK}
    )


@pytest.mark.django_db
def test_a_broken_track_slug_never_reaches_the_stylesheet():
    event = EventFactory()
    TrackFactory(event=event, slug="x{}body")
    TrackFactory(event=event, slug="good", color="#123456")

    assert re.findall(r"track-[^{]+", theme.stylesheet(event)) == ["track-good", "track-good"]


def test_backgrounds_are_those_of_the_pages():
    css = Path(settings.BASE_DIR, "events/static/events/css/tokens.css").read_text()
    found = re.findall(r"--(paper|surface|sunken): (#\w{6});", css)

    assert [color for _, color in found] == [*theme.LIGHT, *theme.DARK]


def _tokens() -> list[dict[str, str]]:
    css = Path(settings.BASE_DIR, "events/static/events/css/tokens.css").read_text()
    light, dark = css.split("prefers-color-scheme: dark")[:2]
    return [dict(re.findall(r"--([\w-]+): (#\w{6});", part)) for part in (light, dark)]


@pytest.mark.parametrize("colors", _tokens(), ids=["light", "dark"])
def test_page_colours_reach_aa(colors):
    pairs = [
        *(
            (ink, ground)
            for ink in ("ink", "ink-soft", "accent")
            for ground in ("paper", "surface", "sunken")
        ),
        *((name, f"{name}-wash") for name in ("good", "bad", "warn")),
        ("on-accent", "accent-fill"),
        ("on-live", "live"),
        ("live", "paper"),
    ]
    too_low = [(a, b) for a, b in pairs if contrast(colors[a], colors[b]) < 4.5]

    assert too_low == []
    assert (
        min(contrast(colors["line-strong"], colors[g]) for g in ("paper", "surface", "sunken")) >= 3
    )
