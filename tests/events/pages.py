"""Pages as a browser reads them."""

from __future__ import annotations

from html.parser import HTMLParser


def form_values(page: str) -> dict[str, str]:
    """What a browser would send back with the page's largest form, were nothing typed."""
    reader = _FormReader()
    reader.feed(page)
    return reader.values


class _FormReader(HTMLParser):
    """Inputs, selects and text areas by name; buttons and unchecked boxes are not sent."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "input" and name and given.get("type") not in {"submit", "button", "image"}:
            if given.get("type") not in {"checkbox", "radio"} or "checked" in given:
                self.values[name] = given.get("value") or ("on" if "checked" in given else "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self.values[self._select] = given.get("value") or ""
        elif tag == "textarea":
            self._area, self.values[name] = name, ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self.values[self._area] = self.values[self._area].removeprefix("\n")
            self._area = ""
