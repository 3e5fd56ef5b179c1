"""What nobody should type, and somebody will."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_from_bytes

from hypothesis import strategies as st

CHARACTERS = (
    *(
        "\0",
        "\x01",
        "\x07",
        "\x0b",
        "\x1b[31m",
        "\x7f",
        "\x85",
        "\x9f",
        "\u2028",
        "\ufeff",
        "\u200b",
    ),
    *("\ud800", "\udfff", "\ud83d", "\ufffe", "\uffff", "\ufdd0", "\U0001fffe", "\U0010ffff"),
    *(
        "\u202e",
        "\u202c",
        "\u2066",
        "\u2069",
        "e\u0301",
        "👩\u200d💻",
        "ﷺ",
        "٣",
        "²",
        "½",
        "Ⅷ",
        "İ",
    ),
)
TEXTS = (
    *("", " ", "\n", "\r\n\r\n", "\t", "\r\nSet-Cookie: a=b", "a\nb", "=1+1", ";=1", "＝1", "-1+1"),
    *("'", '"', "\\", "`", "<script>alert(1)</script>", "&lt;", "]]>", "<![CDATA[", "{{ 1 }}"),
    *("{% x %}", "%s%n", "%00", "%ff", "%", "{}", "{0.__class__}", "' OR 1=1 --", "*", "?", "_"),
    *("a" * 151, "a" * 251, "ü" * 300, "x" * 70_000, "a " * 500, "9" * 400, "9" * 5000, "[" * 2000),
    *("..", "../../etc/passwd", "/", "//", "///", "foo", "foo/bar", "//evil.example", "http:///x"),
    *(
        "http://testserver",
        "http://[",
        "https://a:b@testserver/",
        "javascript:alert(1)",
        "events:home",
    ),
    *("a,b", ",", "1,2", "1,x", "-", "true", "false", "True", "on", "null", "None", "undefined"),
    *("id", "__class__", "pk__in", "title__year", "[]", "{}", '{"a":', '["\\ud800"]', "NaN"),
    *("Europe/Berlin", "Etc/GMT+12", "../UTC", "localtime", "posix/UTC", "UTC\0", "all", "synced"),
)
NUMBERS = (
    *("0", "-0", "-1", "1", "2", "00", "01", "1.0", "1e3", "0x10", "1_000", " 1 ", "+1", "1.5"),
    *("32767", "32768", "65536", "2147483647", "2147483648", "-2147483649"),
    *("4294967296", "9223372036854775807", "9223372036854775808", "-9223372036854775809"),
    *("1e309", "-1e309", "inf", "-Infinity", "nan", "1e-400", "100000000000000000000000"),
)
TIMES = (
    *("9999-12-31", "0001-01-01", "0000-00-00", "10000-01-01", "2030-02-30", "1970-01-01"),
    *("1969-12-31", "2199-12-31", "2200-01-01", "2030-10-27", "2030-03-31", "30-05-06", "2030-W18"),
    *("23:59", "24:00", "23:59:60", "00:00", "02:30", "25:61", "9:5", "23:59:59.999999999"),
    *("9999-12-31 23:59:59", "0001-01-01 00:00", "2030-05-06T09:00:00+99:00", "9999", "0", "12"),
    *("9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2030-05-06T09:00:00Z"),
)

#: Any character at all: Hypothesis leaves surrogates out unless they are asked for.
ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=20)

VALUES = st.one_of(
    st.sampled_from(TEXTS),
    st.sampled_from(NUMBERS),
    st.sampled_from(TIMES),
    st.sampled_from(CHARACTERS),
    st.tuples(
        st.text("ab -", max_size=3), st.sampled_from(CHARACTERS), st.text("ab", max_size=2)
    ).map("".join),
    st.integers().map(str),
    st.dates().map(str),
    st.datetimes().map(str),
    ANY_TEXT,
)

JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(VALUES, inner, max_size=3),
    max_leaves=6,
)


def quoted(text: str, safe: str = "") -> str:
    """Percent-encoded as a hostile client would, halves of characters included."""
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"), safe)


def query_of(pairs: list[tuple[str, str]]) -> str:
    """A query string or the body of a form."""
    return "&".join(f"{quoted(name)}={quoted(value)}" for name, value in pairs)
