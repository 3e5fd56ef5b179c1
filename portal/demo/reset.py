"""``python -m portal.demo.reset``: forget everything the demo has kept."""

import shutil
import sys

from portal.demo.plan import HOME, postgres_home
from portal.demo.runner import DemoError, lock_home


def main() -> int:
    """Delete the data, unless a demo is using it."""
    try:
        lock = lock_home()
    except DemoError as error:
        print(error, file=sys.stderr)
        return 1
    with lock:
        shutil.rmtree(postgres_home(), ignore_errors=True)
        shutil.rmtree(HOME, ignore_errors=True)
    print("The demo's data is gone. make demo starts over.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
