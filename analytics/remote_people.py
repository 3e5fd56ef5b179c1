"""Which reported rows are about one person: by which sources an id names the same one.

Kaltura's reports all name people by the user id of their KS, and so does Newrow, but for guests,
whom it gives a number of its own. So an id says the same in all of them: "jdoe" of the webcast
report is "jdoe" of the live engagement report, and in the room. A number may be Newrow's own,
and is somebody else's in a report.
"""

from __future__ import annotations

import re
from typing import Final

from django.db.models import Q

from analytics.models import Source

#: How a person is called whom several sources name by the same id.
KALTURA: Final = "kaltura"
_REPORTS: Final = (Source.REPORT, Source.ENGAGEMENT, Source.REALTIME)
_MORE_THAN_DIGITS: Final = re.compile("[^0-9]")

# The same in SQL, for rows of any source; {not_a_number} is the database's own word.
NAMED_BY_SQL: Final = (
    "CASE WHEN {row}.source IN ("
    + ", ".join(f"'{source}'" for source in _REPORTS)
    + f") OR ({{row}}.source = '{Source.NEWROW}' AND {{is_no_number}}) THEN '{KALTURA}' "
    "ELSE {row}.source END"
)


def sources_naming(source: str, remote_user_id: str) -> tuple[str, ...]:
    """All sources that name the person by this id whom ``source`` names by it."""
    if _MORE_THAN_DIGITS.search(remote_user_id) is None:
        return (source,) if source not in _REPORTS else tuple(map(str, _REPORTS))
    of_kaltura = (str(Source.NEWROW), *map(str, _REPORTS))
    return of_kaltura if source in of_kaltura else (source,)


def named_by(source: str, remote_user_id: str) -> str:
    """Under what this id is one person: Kaltura, or the source alone."""
    return KALTURA if len(sources_naming(source, remote_user_id)) > 1 else source


def rows_named(name: str, remote_user_id: str) -> Q:
    """The reported rows of the person whom ``name`` (a source, or Kaltura) names by this id."""
    source = Source.REPORT if name == KALTURA else name
    return Q(source__in=sources_naming(source, remote_user_id), remote_user_id=remote_user_id)
