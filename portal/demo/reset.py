"""``python -m portal.demo.reset``: delete everything that the demo keeps."""

import shutil
import sys

from portal.demo.config import DEFAULT_HOME, postgres_home
from portal.demo.runner import DemoError, lock


def main() -> int:
    """Delete the data, unless a running demo uses it."""
    try:
        held = lock(DEFAULT_HOME)
    except DemoError as error:
        print(error, file=sys.stderr)
        return 1
    with held:
        shutil.rmtree(postgres_home(DEFAULT_HOME), ignore_errors=True)
        shutil.rmtree(DEFAULT_HOME, ignore_errors=True)
    print("The demo's data is deleted. make demo starts over.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
