"""The HTML of pages that list entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from kaltura_simulator.kaf.cards import EntryCard
from kaltura_simulator.kaf.pages import initials
from kaltura_simulator.kaf.users import KafUser
from kaltura_simulator.state.store import Data
from kaltura_simulator.web.html import Html, Templates, joined

_TEMPLATES = Templates(Path(__file__).parent / "templates")


def gallery(user: KafUser, category: Data, role_label: str, items: list[EntryCard]) -> Html:
    """The gallery of a context."""
    return _page(
        "gallery",
        user,
        str(category["name"]),
        role_label=role_label,
        category_id=category["id"],
        full_name=category["fullName"],
        context_id=user.privileges["contextId"],
        contextual_role=user.privileges["userContextualRole"],
        count=len(items),
        count_label=entries_label(len(items)),
        cards=_cards(user, items, "This gallery is empty. New entries appear here."),
    )


def own_media(user: KafUser, items: list[EntryCard]) -> Html:
    """A user's own media."""
    return _page(
        "my_media",
        user,
        "My Media",
        role_label=user.role_label,
        count=len(items),
        count_label=entries_label(len(items)),
        cards=_cards(
            user, items, "You have no media yet. Your uploads and recordings appear here."
        ),
    )


def picker(
    user: KafUser, own: list[EntryCard], shared: list[EntryCard], forms: Mapping[str, Html]
) -> Html:
    """The entries a user may choose from; ``forms`` holds the button of each by its id."""
    mine = Html("")
    if user.owns_media:
        cards = _cards(user, own, "You have no media that is ready.", forms)
        mine = _TEMPLATES.render("picker_part", id="own", title="My Media", cards=cards)
    cards = _cards(user, shared, "No gallery has media that is ready.", forms)
    rest = _TEMPLATES.render("picker_part", id="shared", title="In the galleries", cards=cards)
    return _page(
        "picker",
        user,
        "Choose media",
        role_label=user.role_label,
        count=len(forms),
        count_label=entries_label(len(forms)),
        parts=joined((mine, rest)),
    )


def choice(target: str, fields: Mapping[str, object], name: str) -> Html:
    """The button that posts an entry's ``fields`` to ``target``."""
    inputs = joined(
        _TEMPLATES.render("picker_field", name=key, value=value) for key, value in fields.items()
    )
    return _TEMPLATES.render("picker_choose", target=target, fields=inputs, name=name)


def _page(template: str, user: KafUser, title: str, **values: object) -> Html:
    body = _TEMPLATES.render(
        template,
        title=title,
        user_id=user.user_id,
        user_name=user.name,
        initials=initials(user.name),
        kaf_role=user.role,
        **values,
    )
    return _TEMPLATES.render("page", title=title, body=body)


def _cards(
    user: KafUser, items: Iterable[EntryCard], empty: str, forms: Mapping[str, Html] | None = None
) -> Html:
    cards = [_card(user, item, (forms or {}).get(item.id, Html(""))) for item in items]
    if not cards:
        return _TEMPLATES.render("cards_empty", text=empty)
    return _TEMPLATES.render("cards", cards=joined(cards))


def _card(user: KafUser, item: EntryCard, choose: Html) -> Html:
    link = item.link if not choose else ""
    return _TEMPLATES.render(
        "card",
        id=item.id,
        partner=user.partner,
        kind=item.kind,
        kind_label=item.kind_label,
        state=item.state,
        state_label=item.state_label,
        start=item.start,
        title=_TEMPLATES.render("card_link", link=link, name=item.name) if link else item.name,
        when=item.when,
        text=item.entry.get("description") or "",
        note=_note(item, bool(choose)),
        choose=choose,
    )


def _note(item: EntryCard, choosable: bool) -> str:
    if item.is_pending:
        return "Waiting for moderation"
    return "" if item.link or choosable else "Not in any gallery yet"


def entries_label(number: int) -> str:
    """``1 entry``, ``2 entries``."""
    return f"{number} {'entry' if number == 1 else 'entries'}"
