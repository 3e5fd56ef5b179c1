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
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

TAGS = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code"),
    *("ul", "ol", "li", "dl", "dt", "dd", "a", "em", "strong", "b", "i", "s", "del", "sub", "sup"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
# The page's own title is the h1.
TOP_HEADING, LAST_HEADING = 2, 6
HEADING = re.compile(r"<(/?)h([1-6])>")

# A bare address ends before the punctuation of the sentence around it.
BARE_LINK = re.compile(r"https?://[^\s<>\"“”]*[^\s<>\"“”.,;:!?'’)\]]")
LINE_END = re.compile(r"(<(?:br|/li)>)\n?")
PARAGRAPH_END = re.compile(r"(</(?:p|h\d)>)\n?")


def _link_bare_addresses(state: StateCore) -> None:
    """Make links of bare addresses, except inside links."""
    for block in state.tokens:
        if block.type == "inline" and block.children:
            block.children = _linked(block.children)


def _linked(tokens: list[Token]) -> list[Token]:
    result: list[Token] = []
    depth = 0
    for token in tokens:
        depth += _link_step(token)
        result += _split_at_links(token) if token.type == "text" and not depth else [token]
    return result


def _link_step(token: Token) -> int:
    """+1 where a link begins, -1 where it ends, be it Markdown or HTML."""
    if token.type == "html_inline":
        tag = token.content.lower()
        return 1 if tag.startswith(("<a ", "<a\n")) else -1 if tag.startswith("</a") else 0
    return {"link_open": 1, "link_close": -1}.get(token.type, 0)


def _split_at_links(token: Token) -> list[Token]:
    parts: list[Token] = []
    at = 0
    for found in BARE_LINK.finditer(token.content):
        parts += [_text(token.content[at : found.start()]), *_link(found.group())]
        at = found.end()
    return [*parts, _text(token.content[at:])]


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _link(address: str) -> list[Token]:
    opening = Token("link_open", "a", 1, attrs={"href": address})
    return [opening, _text(address), Token("link_close", "a", -1)]


def _nested_headings(markup: str) -> str:
    """The same headings as an outline below the page's title that skips no level."""
    above: list[int] = []

    def renamed(tag: re.Match[str]) -> str:
        slash, level = tag[1], int(tag[2])
        if not slash:
            above[:] = [*(upper for upper in above if upper < level), level]
        return f"<{slash}h{min(TOP_HEADING - 1 + len(above), LAST_HEADING)}>"

    return HEADING.sub(renamed, markup)


def _parser() -> MarkdownIt:
    """Markdown as people type it: a line break is one, indenting makes no code."""
    parser = MarkdownIt("js-default", {"html": True, "breaks": True})
    parser.disable(["code", "lheading"])
    parser.core.ruler.push("link_bare_addresses", _link_bare_addresses)
    return parser


MARKDOWN = _parser()


@lru_cache(maxsize=512)
def rich_text(source: str) -> str:
    """Safe HTML of a text in Markdown, plain text or HTML."""
    rendered = MARKDOWN.render(source.replace("\r\n", "\n").strip())
    cleaned = nh3.clean(
        rendered,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="nofollow noopener noreferrer",
    )
    return _nested_headings(cleaned)


def plain_text(source: str) -> str:
    """The same text without any markup, for calendars and previews."""
    spaced = PARAGRAPH_END.sub(r"\1\n\n", LINE_END.sub(r"\1\n", rich_text(source)))
    lines = html.unescape(nh3.clean(spaced, tags=set())).split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip() for line in lines)).strip()
