"""Certificates: made once, printed as they were made, revoked rather than changed."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from analytics.credits.lists import line_of
from analytics.models import Certificate, CreditRule
from events.exports.pdf import FAMILY, new_document
from events.models import User

WIDTH_MM: Final = 297
MARGIN_MM: Final = 25


class NotEarned(Exception):
    """The person has not earned these credits."""


def issue(rule: CreditRule, user: User, by: User | None) -> Certificate:
    """The person's valid certificate, made now if there is none. ``by`` None: by themselves.

    Raises NotEarned.
    """
    line = line_of(rule, user)
    if line.certificate is not None:
        return line.certificate
    if not line.is_earned:
        raise NotEarned
    event = rule.event
    certificate = Certificate(
        rule=rule,
        event=event,
        user=user,
        name_printed=str(user)[:150],
        event_title=event.title,
        title=rule.title,
        credits=line.credits,
        unit=rule.unit,
        first_day=event.starts_on,
        last_day=event.ends_on,
        issued_by=by,
    )
    try:
        with transaction.atomic():
            certificate.save()
    except IntegrityError:  # Somebody else made it at the same moment: theirs counts.
        return Certificate.objects.get(rule=rule, user=user, revoked_at=None)
    return certificate


def revoke(certificate: Certificate, by: User | None, reason: str) -> bool:
    """Say that the certificate holds no more. False when it was revoked already."""
    now = timezone.now()
    changed = Certificate.objects.filter(pk=certificate.pk, revoked_at=None).update(
        revoked_at=now, revoked_by=by, revoke_reason=reason
    )
    certificate.refresh_from_db()
    return bool(changed)


def pdf_of(certificate: Certificate) -> bytes:
    """The certificate as a page of A4. Raises FontMissing."""
    document = new_document(certificate.title, landscape=True)
    document.set_auto_page_break(False)
    document.set_margin(MARGIN_MM)
    document.add_page()
    document.set_draw_color(90)
    document.rect(12, 12, WIDTH_MM - 24, 186)

    def line(text: str, size: int, gap: float, style: str = "") -> None:
        document.set_font(FAMILY, style, size)
        document.multi_cell(0, size * 0.5, text, align="C", new_x="LMARGIN", new_y="NEXT")
        document.ln(gap)

    document.set_y(32)
    line(_("Certificate of attendance"), 28, 12, "B")
    line(certificate.name_printed, 24, 6, "B")
    line(_("attended"), 13, 4)
    line(certificate.title, 18, 3, "B")
    line(f"{certificate.event_title}, {_days(certificate)}", 13, 8)
    line(f"{certificate.credits.normalize():f} {certificate.unit}", 18, 10, "B")
    document.set_y(165)
    issued = date_format(certificate.issued_at.date(), "j F Y")
    line(_("Issued on %(day)s. Code: %(code)s") % {"day": issued, "code": certificate.code}, 10, 1)
    line(_("Check it at %(address)s") % {"address": address_of(certificate)}, 10, 0)
    return bytes(document.output())


def address_of(certificate: Certificate) -> str:
    """Where anybody with the code sees that the certificate holds."""
    return f"{settings.SITE_URL}{certificate.get_absolute_url()}"


def _days(certificate: Certificate) -> str:
    first, last = certificate.first_day, certificate.last_day
    shown = date_format(first, "j F Y")
    return shown if first == last else f"{shown} – {date_format(last, 'j F Y')}"
