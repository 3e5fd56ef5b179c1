"""From rows to one mail: in the reader's language and zone, as text and as HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context
from django.template.loader import get_template
from django.utils import translation

from events.characters import clean_line
from events.i18n.content import shown_title
from events.i18n.languages import mail_language
from events.models import Event, OutgoingMail, User
from events.outbox.kinds import MailKind
from events.zones import known_zones

_SUBJECT_CHARS: Final = 200
# What conditions and loops of a template leave behind.
_BLANK_LINES: Final = re.compile(r"\n{3,}")


@dataclass(frozen=True)
class Letter:
    """One mail: the rows that it tells of, and what templates get for each."""

    kind: MailKind
    mails: Sequence[OutgoingMail]
    items: Sequence[dict[str, Any]]

    @property
    def address(self) -> str:
        """Where it goes: to the address that the person has now."""
        return address_of(self.mails[0])

    @property
    def message_id(self) -> str:
        """Without angle brackets; the same whenever the same news are sent together."""
        keys = "".join(sorted(mail.key for mail in self.mails))
        return f"{sha256(keys.encode()).hexdigest()[:40]}@{urlsplit(settings.SITE_URL).hostname}"

    def message(self) -> EmailMultiAlternatives:
        """The mail as the server gets it."""
        first = self.mails[0]
        with translation.override(mail_language(first.user, first.event)):
            context = self._context(first)
            subject = clean_line(_written("subject.txt", self.kind, context))[:_SUBJECT_CHARS]
            message = EmailMultiAlternatives(
                subject,
                _written("body.txt", self.kind, context),
                to=[self.address],
                headers=self._headers(context["off_url"]),
            )
            html = _written("body.html", self.kind, context | {"subject": subject})
            message.attach_alternative(html, "text/html")
        return message

    def _context(self, first: OutgoingMail) -> dict[str, Any]:
        off_url = self.kind.off_url(first.user) if self.kind.off_url and first.user else ""
        return {
            "items": self.items,
            "event": first.event,
            "person": first.user,
            "zone": zone_of(first.user, first.event),
            "site_url": settings.SITE_URL,
            "why": str(self.kind.why).format(event=shown_title(first.event) if first.event else ""),
            "off_url": off_url,
        }

    def _headers(self, off_url: str) -> dict[str, str]:
        headers = {"Message-ID": f"<{self.message_id}>", "Auto-Submitted": "auto-generated"}
        if off_url:
            # One click in the mail program: https://www.rfc-editor.org/rfc/rfc8058
            headers["List-Unsubscribe"] = f"<{off_url}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        return headers


def _written(name: str, kind: MailKind, context: dict[str, Any]) -> str:
    """One of the kind's templates. What is no HTML is not escaped."""
    template: Any = get_template(f"mail/{kind.name}/{name}")
    if name.endswith(".html"):
        return str(template.render(context))
    text = template.template.render(Context(context, autoescape=False))
    return _BLANK_LINES.sub("\n\n", str(text)).strip() + "\n"


def address_of(mail: OutgoingMail) -> str:
    return mail.user.email if mail.user else mail.address


def zone_of(user: User | None, event: Event | None) -> ZoneInfo:
    """The zone that the person chose; else the event's."""
    chosen = getattr(user, "timezone", "")
    if chosen in known_zones():
        return ZoneInfo(chosen)
    return event.zone if event else ZoneInfo(settings.TIME_ZONE)
