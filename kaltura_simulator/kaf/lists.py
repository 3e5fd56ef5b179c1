"""The pages that show lists of entries, as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from kaltura_simulator.kaf.pages import initials
from kaltura_simulator.kaf.people import Person
from kaltura_simulator.kaf.shelf import Item
from kaltura_simulator.state.store import Data
from kaltura_simulator.web.html import Html, Templates, joined

_TEMPLATES = Templates(Path(__file__).parent / "templates")


def gallery(person: Person, place: Data, role_words: str, items: list[Item]) -> Html:
    """The gallery of a context."""
    return _page(
        "gallery",
        person,
        str(place["name"]),
        role_words=role_words,
        category_id=place["id"],
        full_name=place["fullName"],
        context_id=person.privileges["contextId"],
        contextual_role=person.privileges["userContextualRole"],
        count=len(items),
        count_words=entries_words(len(items)),
        cards=_cards(person, items, "Nothing is in this gallery yet. What is added shows here."),
    )


def own_media(person: Person, items: list[Item]) -> Html:
    """Somebody's own media."""
    return _page(
        "my_media",
        person,
        "My Media",
        role_words=person.role_words,
        count=len(items),
        count_words=entries_words(len(items)),
        cards=_cards(person, items, "You own nothing yet. What you upload or record shows here."),
    )


def picker(person: Person, own: list[Item], shared: list[Item], forms: Mapping[str, Html]) -> Html:
    """What somebody may choose from; ``forms`` holds the button of each entry by its id."""
    mine = Html("")
    if person.owns_media:
        cards = _cards(person, own, "You own nothing that is ready.", forms)
        mine = _TEMPLATES.render("picker_part", id="own", title="My Media", cards=cards)
    cards = _cards(person, shared, "No gallery holds anything that is ready.", forms)
    rest = _TEMPLATES.render("picker_part", id="shared", title="In the galleries", cards=cards)
    return _page(
        "picker",
        person,
        "Choose media",
        role_words=person.role_words,
        count=len(forms),
        count_words=entries_words(len(forms)),
        parts=joined((mine, rest)),
    )


def choice(target: str, fields: Mapping[str, object], name: str) -> Html:
    """The button that posts an entry's ``fields`` to ``target``."""
    inputs = joined(
        _TEMPLATES.render("picker_field", name=key, value=value) for key, value in fields.items()
    )
    return _TEMPLATES.render("picker_choose", target=target, fields=inputs, name=name)


def _page(template: str, person: Person, title: str, **values: object) -> Html:
    body = _TEMPLATES.render(
        template,
        title=title,
        user_id=person.user_id,
        user_name=person.name,
        initials=initials(person.name),
        kaf_role=person.role,
        **values,
    )
    return _TEMPLATES.render("page", title=title, body=body)


def _cards(
    person: Person, items: Iterable[Item], empty: str, forms: Mapping[str, Html] | None = None
) -> Html:
    cards = [_card(person, item, (forms or {}).get(item.id, Html(""))) for item in items]
    if not cards:
        return _TEMPLATES.render("shelf_empty", text=empty)
    return _TEMPLATES.render("shelf", cards=joined(cards))


def _card(person: Person, item: Item, choose: Html) -> Html:
    link = item.link if not choose else ""
    return _TEMPLATES.render(
        "card",
        id=item.id,
        partner=person.partner,
        kind=item.kind,
        kind_words=item.kind_words,
        state=item.state,
        state_words=item.state_words,
        start=item.start,
        title=_TEMPLATES.render("card_link", link=link, name=item.name) if link else item.name,
        when=item.when,
        text=item.entry.get("description") or "",
        note=_note(item, bool(choose)),
        choose=choose,
    )


def _note(item: Item, chosen_here: bool) -> str:
    if item.waits:
        return "Waits until a moderator lets it in"
    return "" if item.link or chosen_here else "In no gallery yet"


def entries_words(number: int) -> str:
    """``1 entry``, ``2 entries``."""
    return f"{number} {'entry' if number == 1 else 'entries'}"
