"""``python -m portal.demo.prepare``: the database and its demo data, in one process."""

import django
from django.core.management import call_command


def main() -> None:
    """Every step knows by itself when there is nothing to do."""
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("seed_demo")


if __name__ == "__main__":
    main()
