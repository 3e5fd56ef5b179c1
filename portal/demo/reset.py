"""``python -m portal.demo.reset``: forget everything the demo has kept."""

import shutil
import sys

from portal.demo.plan import DEFAULT_HOME, postgres_home
from portal.demo.runner import DemoError, lock


def main() -> int:
    """Delete the data, unless a demo is using it."""
    try:
        held = lock(DEFAULT_HOME)
    except DemoError as error:
        print(error, file=sys.stderr)
        return 1
    with held:
        shutil.rmtree(postgres_home(DEFAULT_HOME), ignore_errors=True)
        shutil.rmtree(DEFAULT_HOME, ignore_errors=True)
    print("The demo's data is gone. make demo starts over.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
