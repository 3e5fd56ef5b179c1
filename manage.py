#!/usr/bin/env python
"""Run one of the portal's management commands."""

import os
import sys


def main() -> None:
    """Start the command; a wrong setting is one line that names it, not a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    from django.conf import settings
    from django.core.management import execute_from_command_line

    from portal.environment import SettingError

    try:
        settings.INSTALLED_APPS  # noqa: B018  Loads the settings, so that a bad one stops here.
    except SettingError as error:
        sys.exit(str(error))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
