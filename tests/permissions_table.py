"""``python -m tests.permissions_table``: write docs/permissions.md from tests/permissions."""

import os
import sys


def main() -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from tests.permissions import table

    table.PATH.write_text(table.page(), encoding="utf-8")
    print(f"Wrote {table.PATH.name}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
