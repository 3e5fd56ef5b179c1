"""Pages for everyone, as WCAG 2.2 AA asks beyond what axe sees: keys, spacing, motion, colours."""

from __future__ import annotations

import re

import pytest

from events.models import Event
from tests.events.test_browser import a_congress, overflow, pages_of
from tests.factories import RegistrationFactory

pytestmark = pytest.mark.django_db(transaction=True)

# What can have the focus and is seen; of a closed <details> only its summary is.
REACHABLE = """
[...document.querySelectorAll(
  'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]'
)].filter(each => !each.disabled && each.tabIndex >= 0 && each.checkVisibility(
  {visibilityProperty: true, contentVisibilityAuto: true}
) && each.getClientRects().length)
"""
NUMBER = f"{REACHABLE}.forEach((each, at) => each.dataset.number = at)"
# Where the focus is, and whether it is seen: an outline or a shadow, and not under anything.
FOCUSED = """() => {
  const now = document.activeElement, style = getComputedStyle(now);
  const box = now.getBoundingClientRect();
  // A card draws the ring of its link around itself.
  const ring = s => s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2;
  const around = [now, now.parentElement, now.parentElement?.parentElement].filter(Boolean);
  const outlined = ring(getComputedStyle(now, '::after'))
    || around.some(each => ring(getComputedStyle(each)));
  const x = box.x + Math.min(box.width / 2, 20), y = box.y + box.height / 2;
  const top = document.elementFromPoint(x, y);
  return {
    number: now.dataset.number, html: now.outerHTML.slice(0, 120),
    seen: outlined || style.boxShadow !== 'none',
    inside: Math.min(box.bottom, innerHeight) - Math.max(box.y, 0) >= Math.min(box.height, 40) - 1,
    covered: !!top && !now.contains(top) && !top.contains(now) && !now.labels?.[0]?.contains(top),
  };
}"""


def base_of(page) -> str:
    return re.match(r"https?://[^/]+", page.url)[0]


def pages_for_all(event: Event) -> dict[str, str]:
    paths = pages_of(event)
    grid = {"grid": f"/e/{event.slug}/agenda/?day=all&view=grid", "login": "/accounts/login/"}
    return {**paths, **grid}


@pytest.mark.parametrize("name", ["agenda", "grid", "session live", "event", "login"])
def test_keys_reach_everything_and_show_where_they_are(visit, name):
    event = a_congress().event
    page = visit(pages_for_all(event)[name], reduced_motion="reduce")
    page.evaluate(NUMBER)
    wanted = {str(at) for at in range(page.evaluate(f"{REACHABLE}.length"))}

    seen, problems = [], []
    for _ in range(len(wanted) + 2):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUSED)
        if focus["number"] is None or focus["number"] in seen:
            break
        seen.append(focus["number"])
        if not (focus["seen"] and focus["inside"] and not focus["covered"]):
            problems.append(focus)

    # In a group of radio buttons Tab reaches one, arrows the others.
    radios = set(
        page.evaluate(f"{REACHABLE}.filter(e => e.type === 'radio').map(e => e.dataset.number)")
    )
    assert problems == []
    assert wanted - set(seen) - radios == set()


def test_pages_take_wide_spacing_on_the_narrowest_screen(visit):
    """WCAG 1.4.10 and 1.4.12: 320 px, and the reader's own distances between lines and letters."""
    spacing = (
        "* { line-height: 1.5 !important; letter-spacing: .12em !important;"
        " word-spacing: .16em !important } p { margin-block-end: 2em !important }"
    )
    event = a_congress().event
    page = visit("/", user=RegistrationFactory(event=event).user, width=320)
    wide = {}
    for name, path in pages_for_all(event).items():
        page.goto(base_of(page) + path)
        # The policy lets no style in, but a sheet that a script makes is the reader's own.
        page.evaluate(
            "css => { const s = new CSSStyleSheet(); s.replaceSync(css);"
            " document.adoptedStyleSheets.push(s) }",
            spacing,
        )
        if (by := overflow(page)) > 0:
            wide[name] = by
    assert wide == {}


def test_nothing_moves_for_who_wants_no_motion(visit):
    event = a_congress().event
    page = visit("/", width=1280, reduced_motion="reduce")
    moving = {}
    for name, path in pages_for_all(event).items():
        page.goto(base_of(page) + path)
        found = page.evaluate(
            """[...document.querySelectorAll('*')].filter(each => {
              const s = getComputedStyle(each);
              const longest = text => Math.max(...text.split(',').map(parseFloat));
              return longest(s.transitionDuration) > 0.01 || s.scrollBehavior === 'smooth'
                || (s.animationName !== 'none' && longest(s.animationDuration) > 0.01);
            }).map(each => each.outerHTML.slice(0, 80))"""
        )
        if found:
            moving[name] = found[:3]
    assert moving == {}


def test_what_colours_tell_is_told_without_them(visit):
    """In forced colours a star that is set, a filter that is on and the day shown still differ."""
    event = a_congress().event
    person = RegistrationFactory(event=event).user
    page = visit(
        f"/e/{event.slug}/agenda/?day=all&track=science",
        user=person,
        forced_colors="active",
        color_scheme="dark",
    )
    star = page.locator("button.star").first
    before = star.screenshot()
    with page.expect_response("**/bookmark/"):
        star.click()
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur()")
    assert star.get_attribute("aria-pressed") == "true"
    assert star.screenshot() != before
    assert (
        page.evaluate(
            """[...document.querySelectorAll('[aria-current], [aria-pressed=true]')].filter(each => {
          const other = each.parentElement.parentElement.querySelector(
            `${each.tagName}:not([aria-current]):not([aria-pressed=true])`);
          if (!other || !each.getClientRects().length) return false;
          const [a, b] = [getComputedStyle(each), getComputedStyle(other)];
          return ['color', 'backgroundColor', 'borderBottomColor', 'borderBottomWidth',
            'fontWeight', 'textDecorationLine', 'outlineStyle'].every(k => a[k] === b[k])
            && !each.querySelector('svg');
        }).map(each => each.outerHTML.slice(0, 120))"""
        )
        == []
    )
