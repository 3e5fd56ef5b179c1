from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.text import plain_text, rich_text

REL = ' rel="nofollow noopener noreferrer"'


def test_plain_text_becomes_paragraphs_and_lines():
    assert rich_text("One\r\nline.\r\n\r\nTwo.") == "<p>One<br>\nline.</p>\n<p>Two.</p>\n"


def test_bare_addresses_become_links_without_the_sentence_around_them():
    assert rich_text("See http://ecchacks.cr.yp.to. Or (https://a.example/b?c=1&d=2)!") == (
        f'<p>See <a href="http://ecchacks.cr.yp.to"{REL}>http://ecchacks.cr.yp.to</a>. '
        f'Or (<a href="https://a.example/b?c=1&amp;d=2"{REL}>https://a.example/b?c=1&amp;d=2</a>)!</p>\n'
    )


def test_addresses_inside_links_are_left_alone():
    markdown = rich_text("[https://a.example](https://b.example)")
    markup = rich_text('x <a href="https://b.example">https://a.example</a> y')

    assert markdown == f'<p><a href="https://b.example"{REL}>https://a.example</a></p>\n'
    assert markup == f'<p>x <a href="https://b.example"{REL}>https://a.example</a> y</p>\n'


def test_addresses_in_imported_markup_become_links_but_not_in_code():
    assert rich_text("<p>At https://a.example/?a=1&amp;b=2.</p>") == (
        f'<p>At <a href="https://a.example/?a=1&amp;b=2"{REL}>https://a.example/?a=1&amp;b=2</a>.</p>'
    )
    assert rich_text("`https://a.example`") == "<p><code>https://a.example</code></p>\n"


def test_markup_of_imported_schedules_is_kept():
    assert rich_text("<p>Die <strong>Show</strong></p>\r\n<ul>\r\n<li>eins</li>\r\n</ul>") == (
        "<p>Die <strong>Show</strong></p>\n<ul>\n<li>eins</li>\n</ul>"
    )


def test_indented_text_is_no_code_and_underlines_no_heading():
    assert rich_text("Intro\n\n    indented\n---") == "<p>Intro</p>\n<p>indented</p>\n<hr>\n"


def test_headings_become_an_outline_below_the_page_title():
    text = "### A\n##### B\n#### C\n# D\n<h6>E</h6>"

    assert re.findall(r"<h\d>\w", rich_text(text)) == ["<h2>A", "<h3>B", "<h3>C", "<h2>D", "<h3>E"]


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "[x](javascript:alert(1))",
        '<a href="javascript:alert(1)">x</a>',
        '<p style="position:fixed" onclick="x()">x</p>',
        "<iframe src=https://a.example></iframe>",
        "<svg><script>alert(1)</script></svg>",
        '<form action="https://a.example"><input name=q></form>',
    ],
)
def test_nothing_active_survives(evil: str):
    assert not re.search(
        r"<script|onerror|onclick|javascript:.*\"|<img|<iframe|<form|<input|style=", rich_text(evil)
    )


FRAGMENTS = st.sampled_from(
    [
        *("a", " ", "\n", "\n\n", "<", ">", '"', "'", "&", "&amp;", "&lt;b&gt;", "#", "`", "```"),
        *("*", "_", "[", "](", ")", "- ", "1. ", "<b>", "</b>", "<a ", "</a>", "<p>", "</p>"),
        *("https://a.example/", "http://x?a=1&b", 'href="https://a.example"', "onclick=x", "--"),
        *(
            "<script>",
            "</script>",
            "<style>",
            "<!--",
            "-->",
            "javascript:",
            "<h1>",
            "</h1>",
            "<br>",
        ),
        *("<li>", "<table>", "<td>", "<svg>", "<img src=x>", "<code>", "\u2028", "\x00"),
    ]
)


HARMLESS = set(
    "x p br hr h2 h3 h4 h5 h6 blockquote pre code ul ol li a em strong b i s del sub sup "
    "table thead tbody tr th td".split()
)


@given(st.lists(FRAGMENTS, max_size=25).map("".join))
def test_any_text_gives_wellformed_harmless_markup(text: str):
    markup = rich_text(text).replace("<br>", "<br/>").replace("<hr>", "<hr/>")
    tree = ET.fromstring(f"<x>{markup}</x>")

    assert {e.tag for e in tree.iter()} <= HARMLESS
    assert {k for e in tree.iter() for k in e.attrib} <= {"href", "title", "rel", "start"}
    assert all(re.match(r"https?:|mailto:|[^:]*$", e.get("href", "")) for e in tree.iter("a"))


def test_plain_text_has_no_markup():
    assert (
        plain_text("<p>One &amp; <b>two</b></p>\n<ul><li>a</li><li>b</li></ul>")
        == "One & two\n\na\nb"
    )
    assert plain_text("First\nline\n\n[Link](https://a.example)") == "First\nline\n\nLink"
