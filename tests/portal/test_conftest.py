"""The fixtures everybody stands on do what they say."""

import urllib.request

import pytest


# Both kill it, so that in any order one of the two comes after the other's kill.
def test_simulator_comes_back_empty_after_a_test_killed_it(simulator, settings):
    assert simulator.url == settings.KALTURA_SERVICE_URL
    assert simulator.calls() == 0

    simulator.kill()


def test_simulator_answers_again(simulator):
    assert simulator.state()

    simulator.kill()


@pytest.mark.django_db(transaction=True)
def test_browser_opens_the_live_portal(live_portal, page):
    page.goto(f"{live_portal}/accounts/login/")

    assert page.get_by_role("heading", level=1).count() == 1


@pytest.mark.django_db(transaction=True)
def test_live_portal_serves_its_static_files(live_portal):
    with urllib.request.urlopen(f"{live_portal}/static/admin/css/base.css") as answer:
        assert answer.headers["Content-Type"].startswith("text/css")
