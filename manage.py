#!/usr/bin/env python
"""Run one of the portal's management commands."""

import os
import sys

SIMULATOR = "kaltura_simulator"


def main() -> None:
    """Start the command; a wrong setting is one line that names it, not a traceback."""
    if sys.argv[1:2] == [SIMULATOR]:
        # It is a program of its own: whoever wants only a local Kaltura has no settings.
        from kaltura_simulator import command_line

        command_line.run(sys.argv[2:], prog=f"manage.py {SIMULATOR}")
        return
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
