from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from events.characters import clean_line
from events.outbox.addresses import rest_address


class Command(BaseCommand):
    help = (
        "Note that mail to an address came back. The portal sends it nothing more until the "
        "address is deleted from the admin's list of resting addresses."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", nargs="+", help="an address that mail came back from")
        parser.add_argument("--reason", default="", help="what the returned mail says")

    def handle(self, *args: Any, **options: Any) -> None:
        for address in options["address"]:
            try:
                validate_email(address)
            except ValidationError as error:
                raise CommandError(f"“{address}” is no e-mail address.", returncode=2) from error
        for address in options["address"]:
            rest_address(address, clean_line(options["reason"]) or "Noted by hand.")
            self.stdout.write(f"{address} rests.")
