"""What kinds of mail there are. Each part of the portal registers its own as it starts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils import translation

from events.i18n.languages import mail_language
from events.models import OutgoingMail, User

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

# What templates get for one piece of news, and for each that is still worth sending by its
# primary key.
Item = dict[str, Any]
Items = dict[int, Item]


def stored_items(mails: Sequence[OutgoingMail]) -> Items:
    """All of them, with what was written at the time."""
    return {mail.pk: mail.context for mail in mails}


@dataclass(frozen=True)
class MailKind:
    """One kind of mail. Its templates are subject.txt, body.txt and body.html in mail/NAME/.

    They get ``items`` (one for each piece of news, never empty), ``event``, ``person``,
    ``zone``, ``site_url``, ``why`` and ``off_url``.

    ``why``: the sentence in the footer; ``{event}`` in it becomes the event's title.
    ``gather_s``: news of this kind for one person that are due within so many seconds
    leave in one mail.
    ``must_arrive``: sent again when nobody knows whether it was sent.
    ``items_of``: asked just before the mail is written, for several rows of one person; rows
    that it leaves out are dropped.
    ``off_url``: where a POST without signing in turns this kind off (RFC 8058); None for
    mails that nobody can turn off because they asked for each.
    """

    name: str
    why: _StrOrPromise
    gather_s: int = 0
    must_arrive: bool = True
    items_of: Callable[[Sequence[OutgoingMail]], Items] = stored_items
    off_url: Callable[[User], str] | None = None

    def items_for(self, mails: Sequence[OutgoingMail]) -> Items:
        """``items_of`` in the language of who reads these, for some of it is in words."""
        with translation.override(mail_language(mails[0].user, mails[0].event)):
            return self.items_of(mails)


_kinds: Final[dict[str, MailKind]] = {}


def register_kind(kind: MailKind) -> MailKind:
    """Make a kind known to the workers; registered again, the last one counts."""
    _kinds[kind.name] = kind
    return kind


def kind_named(name: str) -> MailKind | None:
    """None for a kind of a newer or an older version of the portal."""
    return _kinds.get(name)


def gathering() -> list[MailKind]:
    """Kinds whose news are put together."""
    return [kind for kind in _kinds.values() if kind.gather_s]
