"""``python -m tests.ks_table``: write the table of KSs in docs/security.md from its rows."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

PATH: Final = Path(__file__).resolve().parent.parent / "docs" / "security.md"
BEGIN: Final = (
    "<!-- Written by `python -m tests.ks_table` from kaltura_bridge/api/ks_rows.py. -->\n"
)
END: Final = "<!-- Up to here. -->\n"


def page(written: str) -> str:
    """The page as it should be: the table between its marks, all else as it is."""
    from kaltura_bridge.api import ks_rows

    head, begin, rest = written.partition(BEGIN)
    _, end, tail = rest.partition(END)
    assert begin, "The page has lost the mark before its table."
    assert end, "The page has lost the mark after its table."
    return f"{head}{begin}{ks_rows.table()}{end}{tail}"


def main() -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    PATH.write_text(page(PATH.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"Wrote {PATH.name}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
