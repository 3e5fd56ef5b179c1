"""Text that people wrote, made safe and pleasant to read.

Managers write Markdown; imported schedules hold plain text with bare links, or
HTML. All three come in here and leave as the same few harmless elements.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt

TAGS = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code"),
    *("ul", "ol", "li", "dl", "dt", "dd", "a", "em", "strong", "b", "i", "s", "del", "sub", "sup"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
REL = "nofollow noopener noreferrer"
SCHEMES = {"http", "https", "mailto"}
LAST_HEADING = 6
HEADING = re.compile(r"<(/?)h([1-6])>")

# A bare address ends before the punctuation of the sentence around it.
BARE_LINK = re.compile(r"https?://[^\s<>\"“”]*[^\s<>\"“”.,;:!?'’)\]]")
# One tag of clean markup; an attribute's value may hold a ">".
TAG = re.compile(r'(<(?:[^>"]|"[^"]*")*>)')
UNLINKED = {"a", "code", "pre"}
LINE_END = re.compile(r"(<(?:br|/li)>)\n?")
PARAGRAPH_END = re.compile(r"(</(?:p|h\d)>)\n?")


def _with_links(markup: str) -> str:
    """The same markup with bare addresses as links, except inside links and code."""
    inside, parts = 0, []
    for part in TAG.split(markup):
        if part.startswith("<"):
            name = part.strip("</>").split(" ")[0]
            inside += (-1 if part[1] == "/" else 1) if name in UNLINKED else 0
        elif not inside:
            part = _linked(part)
        parts.append(part)
    return "".join(parts)


def _linked(text: str) -> str:
    """Text between two tags with its addresses as links."""
    parts, raw, at = [], html.unescape(text), 0
    for found in BARE_LINK.finditer(raw):
        address = html.escape(found.group())
        before = html.escape(raw[at : found.start()], quote=False)
        parts.append(f'{before}<a href="{address}" rel="{REL}">{address}</a>')
        at = found.end()
    return "".join([*parts, html.escape(raw[at:], quote=False)]) if parts else text


def _nested_headings(markup: str, below: int) -> str:
    """The same headings as an outline below a heading of that level that skips no level."""
    above: list[int] = []

    def renamed(tag: re.Match[str]) -> str:
        slash, level = tag[1], int(tag[2])
        if not slash:
            above[:] = [*(upper for upper in above if upper < level), level]
        return f"<{slash}h{min(below + len(above), LAST_HEADING)}>"

    return HEADING.sub(renamed, markup)


def _parser() -> MarkdownIt:
    """Markdown as people type it: a line break is one, indenting makes no code."""
    parser = MarkdownIt("js-default", {"html": True, "breaks": True})
    parser.disable(["code", "lheading"])
    return parser


MARKDOWN = _parser()


@lru_cache(maxsize=512)
def rich_text(source: str, below: int = 1) -> str:
    """Safe HTML of a text in Markdown, plain text or HTML.

    It stands below a heading of the level ``below``; the page's own title is the first.
    """
    rendered = MARKDOWN.render(source.replace("\r\n", "\n").strip())
    cleaned = nh3.clean(
        rendered,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel=REL,
    )
    return _with_links(_nested_headings(cleaned, below))


def plain_text(source: str) -> str:
    """The same text without any markup, for calendars and previews."""
    spaced = PARAGRAPH_END.sub(r"\1\n\n", LINE_END.sub(r"\1\n", rich_text(source)))
    lines = html.unescape(nh3.clean(spaced, tags=set())).split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip() for line in lines)).strip()
