"""``manage.py remove_second_steps ADDRESS``: for somebody who lost device and recovery codes."""

from __future__ import annotations

import getpass
import logging
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.mail import send_mail
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation

from events.i18n.languages import mail_language
from events.models import User

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = (
        "Take the passkeys, app and recovery codes of an account away, so that its person signs in "
        "by mail and sets them up anew. It is written to the account's history, logged, and told "
        "to the person by mail."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", metavar="ADDRESS", help="the account's e-mail address")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["address"]).first()
        if user is None:
            raise CommandError("There is no account with this address.")
        by = getpass.getuser()
        with transaction.atomic():
            steps = Authenticator.objects.filter(user=user)
            if not steps.exists():
                raise CommandError("This account has no second step.")
            steps.delete()
            # The log names an account, and at the shell there is none: it is the person's own.
            LogEntry.objects.create(
                user=user,
                content_type=ContentType.objects.get_for_model(User),
                object_id=str(user.pk),
                object_repr=str(user)[:200],
                action_flag=CHANGE,
                change_message=f"Passkeys and second step removed at the shell, by {by}",
            )
        logger.warning("The second steps of account %s were removed by %s", user.pk, by)
        _tell(user)
        self.stdout.write("Removed. The person signs in by mail again.")


def _tell(user: User) -> None:
    """At the shell there is no request, which allauth's own mails need."""
    with translation.override(mail_language(user, None)):
        name, context = "account/email/steps_removed", {"site_url": settings.SITE_URL}
        subject = render_to_string(f"{name}_subject.txt").strip()
        text = render_to_string(f"{name}_message.txt", context)
    send_mail(subject, text, None, [user.email])
