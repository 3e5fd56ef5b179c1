"""SQLite is for so many stays; beyond that the doctor and the log say so."""

import pytest
from django.db import connection

from analytics import doctor
from analytics.figures import renewal
from analytics.figures.renewal import renew
from tests.analytics.support.stays import at, run_in, stay_in
from tests.factories import InteractiveFactory

pytestmark = pytest.mark.django_db


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL takes more")
@pytest.mark.parametrize(("fit_for", "verdict"), [(3, "ok"), (2, "warning")])
def test_more_stays_than_sqlite_is_for(monkeypatch, caplog, fit_for, verdict):
    for module in (doctor, renewal):
        monkeypatch.setattr(module, "SQLITE_STAYS", fit_for)
    run = run_in(InteractiveFactory(), 0, at(90))
    for number in range(3):
        stay_in(run, str(number), at(0), at(10), key=f"{number}").save()

    renew([run.session_id], force=True)
    line = doctor.look_at_size(None)

    assert (line.verdict, bool(line.fix)) == (verdict, verdict == "warning")
    assert line.seen.startswith("There are 3 stays")
    assert ("use PostgreSQL" in caplog.text) == (verdict == "warning")
