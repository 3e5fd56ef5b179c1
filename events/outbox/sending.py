"""Sends what is due: claim, ask what is still true, put together, hand over, note the outcome."""

from __future__ import annotations

import logging
from smtplib import (
    SMTPException,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)
from time import monotonic
from typing import Any, Final

from django.core.mail import EmailMultiAlternatives, get_connection
from django.utils import timezone

from events.models import MailState, OutgoingMail
from events.outbox.addresses import names_no_mailbox, rest_address, resting
from events.outbox.claims import Hold, claim, expire_dead_leases
from events.outbox.kinds import MailKind, kind_named
from events.outbox.letters import Letter, address_of

logger = logging.getLogger(__name__)

# Rows of one claim: a worker that dies holds up no more than these.
CLAIMED: Final = 50
_PERMANENT: Final = 500


def send_due(for_s: float) -> int:
    """Send what is due, for at most about ``for_s`` seconds. Returns how many news were sent."""
    expire_dead_leases()
    until, sent = monotonic() + for_s, 0
    while monotonic() < until:
        holder, mails = claim(CLAIMED)
        if not mails:
            break
        sent += _Round(Hold(holder)).send(mails)
    return sent


class _Round:
    """The mails of one claim, over one connection."""

    def __init__(self, hold: Hold) -> None:
        self.hold = hold
        self.connection: Any = get_connection()

    def send(self, mails: list[OutgoingMail]) -> int:
        wanted = self._without_the_vain(mails)
        sent = 0
        try:
            for group in _grouped(wanted):
                sent += self._send_group(group)
        finally:
            self._close()
        return sent

    # --- What is not sent at all --------------------------------------------------

    def _without_the_vain(self, mails: list[OutgoingMail]) -> list[OutgoingMail]:
        """Those that are neither too late nor in doubt, for people who can be written to."""
        now, at_rest = timezone.now(), resting(map(address_of, mails))
        wanted = []
        for mail in mails:
            kind = kind_named(mail.kind)
            if mail.handed_at and not (kind and kind.must_arrive):
                reason = "The sender ended while the mail server had it."
                self.hold.settle([mail], MailState.IN_DOUBT, reason=reason)
            elif mail.expires_at and mail.expires_at <= now:
                self.hold.settle([mail], MailState.DROPPED, reason="Too late.")
            elif mail.user and not mail.user.is_active:
                self.hold.settle([mail], MailState.DROPPED, reason="The account is closed.")
            elif address_of(mail).lower() in at_rest:
                self.hold.settle([mail], MailState.DROPPED, reason="The address rests.")
            else:
                wanted.append(mail)
        return wanted

    # --- One mail -----------------------------------------------------------------

    def _send_group(self, mails: list[OutgoingMail]) -> int:
        """Those that leave together. Returns how many were sent."""
        kind = kind_named(mails[0].kind)
        if kind is None:
            self.hold.put_off(mails, "This version of the portal does not know such mails.")
            return 0
        try:
            letter = self._still_true(kind, mails)
            message = letter.message() if letter else None
        except Exception as error:  # one kind's mistake must not hold up the others
            logger.exception("Mail %s for %s could not be written", kind.name, mails[0].address)
            self.hold.put_off(mails, f"It could not be written ({type(error).__name__}).")
            return 0
        return self._deliver(letter, message) if letter and message else 0

    def _still_true(self, kind: MailKind, mails: list[OutgoingMail]) -> Letter | None:
        """What is left to tell; the rest is dropped."""
        items = kind.items_for(mails)
        vain = [mail for mail in mails if mail.pk not in items]
        if vain:
            self.hold.settle(vain, MailState.DROPPED, reason="No longer true, or not wanted.")
        told = [mail for mail in mails if mail.pk in items]
        return Letter(kind, told, [items[mail.pk] for mail in told]) if told else None

    def _deliver(self, letter: Letter, message: EmailMultiAlternatives) -> int:
        mails = list(letter.mails)
        try:
            self.connection.open()
        except (OSError, SMTPException) as error:  # it never got to see the mail
            self.hold.put_off(mails, f"The mail server could not be reached ({error}).")
            return 0
        if not self.hold.hand_over(mails, letter.message_id):
            return 0
        try:
            self.connection.send_messages([message])
        except (SMTPRecipientsRefused, SMTPResponseException) as error:
            self._refused(letter, error)
        except (SMTPNotSupportedError, ValueError) as error:
            self.hold.settle(mails, MailState.FAILED, reason=f"It cannot be sent: {error}")
        except (OSError, SMTPException) as error:
            self._doubtful(letter, error)
        else:
            self.hold.settle(mails, MailState.SENT, subject=message.subject)
            return len(mails)
        return 0

    def _refused(self, letter: Letter, error: SMTPException) -> None:
        """The server said no. An address that it knows to be none rests from now on."""
        code, text = _answer(error)
        reason, mails = f"The mail server refused it: {code} {text}", list(letter.mails)
        # A refused sender is a setting of ours, not a fault of this mail.
        if code < _PERMANENT or isinstance(error, SMTPSenderRefused):
            self.hold.put_off(mails, reason)
            return
        if isinstance(error, SMTPRecipientsRefused) and names_no_mailbox(code, text):
            rest_address(letter.address, f"{code} {text}")
        self.hold.settle(mails, MailState.FAILED, reason=reason)

    def _doubtful(self, letter: Letter, error: Exception) -> None:
        """The connection broke while the server had it."""
        self._close()
        reason, mails = f"The connection ended half-way ({error}).", list(letter.mails)
        if letter.kind.must_arrive:
            self.hold.put_off(mails, reason)
        else:
            self.hold.settle(mails, MailState.IN_DOUBT, reason=reason)

    def _close(self) -> None:
        try:
            self.connection.close()
        except (OSError, SMTPException):
            self.connection = get_connection()


def _grouped(mails: list[OutgoingMail]) -> list[list[OutgoingMail]]:
    """What leaves in one mail: what did so before, or one person's news of a gathering kind."""

    def group_of(mail: OutgoingMail) -> tuple[str, ...]:
        if mail.message_id:
            return ("again", mail.message_id)
        kind = kind_named(mail.kind)
        if kind and kind.gather_s:
            return ("news", mail.kind, mail.address, str(mail.user_id), str(mail.event_id))
        return ("single", str(mail.pk))

    groups: dict[tuple[str, ...], list[OutgoingMail]] = {}
    for mail in mails:
        groups.setdefault(group_of(mail), []).append(mail)
    return list(groups.values())


def _answer(error: SMTPException) -> tuple[int, str]:
    """The server's code and text."""
    if isinstance(error, SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
    else:
        code, text = error.smtp_code, error.smtp_error  # type: ignore[attr-defined]
    return int(code), text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
