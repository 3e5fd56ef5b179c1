"""The schedule fits the tasks there are, and an unheard beat is forgotten."""

from django.conf import settings

from portal.celery import app


def test_every_scheduled_task_exists_and_expires_with_its_interval():
    app.loader.import_default_modules()

    schedule = settings.CELERY_BEAT_SCHEDULE.values()
    assert {entry["task"] for entry in schedule} <= set(app.tasks)
    assert [entry["options"]["expires"] for entry in schedule] == [
        entry["schedule"] for entry in schedule
    ]


def test_worker_beats_for_the_health_page():
    from portal.heartbeat import HeartbeatStep

    app.finalize()

    assert HeartbeatStep in app.steps["consumer"]
