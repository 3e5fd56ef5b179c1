"""``python -m portal.demo.prepare``: database, static files and demo data, in one process."""

import django
from django.core.management import call_command


def main() -> None:
    """Run the three steps. Each of them does nothing if it was done before."""
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("seed_demo")


if __name__ == "__main__":
    main()
