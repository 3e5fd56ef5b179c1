"""Settings are read by type, and a wrong one names itself and its right form."""

import subprocess
import sys
from pathlib import Path

import pytest

from portal.environment import Environment, SettingError
from tests import environment

ROOT = Path(__file__).resolve().parents[2]


def run(program: list[str], **changes: str) -> "subprocess.CompletedProcess[str]":
    """A program of ours with the tests' settings, but for ``changes``."""
    env = environment.SETTINGS | {"DATABASE_URL": "sqlite://:memory:"} | changes
    return subprocess.run(
        [sys.executable, *program], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("SECRET_KEY", "", "SECRET_KEY is missing. It should be a random text of 50 characters"),
        ("SECRET_KEY", "short", "SECRET_KEY is malformed. It should be a random text of 50"),
        ("DEBUG", "maybe", "DEBUG is malformed ('maybe'). It should be true or false."),
        ("SITE_URL", "", "SITE_URL is missing. It should be the address people open"),
        ("SITE_URL", "events.example.org", "SITE_URL is malformed ('events.example.org')."),
        ("SITE_URL", "http://example.org:x", "SITE_URL is malformed ('http://example.org:x')."),
        ("ALLOWED_HOSTS", "https://a.example", "ALLOWED_HOSTS is malformed ('https://a.example')"),
        ("DATABASE_URL", "mysql://u:p@h/d", "DATABASE_URL is malformed. It should be sqlite://"),
        ("DATABASE_URL", "nonsense", "DATABASE_URL is malformed. It should be sqlite:///var/"),
        ("REDIS_URL", "localhost:6379", "REDIS_URL is malformed. It should be redis://host"),
        ("EMAIL_URL", "", "EMAIL_URL is missing. It should be smtp+tls://user:password@mail."),
        ("EMAIL_URL", "pigeon://roof", "EMAIL_URL is malformed. It should be smtp+tls://"),
        ("TIME_ZONE", "Mars/Base", "TIME_ZONE is malformed ('Mars/Base'). It should be an IANA"),
        ("DEFAULT_FROM_EMAIL", "nobody", "DEFAULT_FROM_EMAIL is malformed ('nobody')."),
        ("KALTURA_PARTNER_ID", "", "KALTURA_PARTNER_ID is missing. It should be the account's"),
        ("KALTURA_PARTNER_ID", "0", "KALTURA_PARTNER_ID is malformed ('0')."),
        ("KALTURA_PARTNER_ID", "²", "KALTURA_PARTNER_ID is malformed ('²')."),
        ("KALTURA_ADMIN_SECRET", "", "KALTURA_ADMIN_SECRET is missing. It should be the account"),
        ("KALTURA_ADMIN_SECRET", "geheim", "KALTURA_ADMIN_SECRET is malformed. It should be"),
        ("KALTURA_APP_TOKEN_ID", "1_abcdefgh", "KALTURA_APP_TOKEN is missing."),
        ("KALTURA_KAF_URL", "", "KALTURA_KAF_URL is missing. It should be the address of the"),
        ("KALTURA_PARENT_CATEGORY", "a>>b", "KALTURA_PARENT_CATEGORY is malformed ('a>>b')."),
        ("KALTURA_PLAYER_UICONF_ID", "big", "KALTURA_PLAYER_UICONF_ID is malformed ('big')."),
        ("KALTURA_ROOM_TEMPLATE_STUDIO", "x", "KALTURA_ROOM_TEMPLATE_STUDIO is malformed ('x')."),
        ("NEWROW_API_URL", "https://newrow.example", "NEWROW_API_TOKEN is missing."),
        ("LOG_LEVEL", "loud", "LOG_LEVEL is malformed ('loud'). It should be DEBUG, INFO"),
    ],
)
def test_bad_setting_stops_a_command_with_one_clear_line(name, value, message):
    done = run(["manage.py", "check"], **{name: value})

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(message)
    assert done.stderr.count("\n") == 1


def test_bad_setting_never_shows_a_secret():
    done = run(["manage.py", "check"], KALTURA_ADMIN_SECRET="do-not-show-me")

    assert "do-not-show-me" not in done.stderr


def test_demo_refuses_to_show_its_mails_to_the_world():
    done = run(["manage.py", "check"], DEMO="true", SITE_URL="https://events.example.org")

    assert done.returncode == 1
    assert done.stderr.startswith("DEMO is malformed (true). It should be false")


@pytest.mark.parametrize(
    "program",
    [
        ["-m", "gunicorn", "-c", "python:portal.gunicorn", "portal.wsgi"],
        ["-m", "celery", "-A", "portal", "worker"],
        ["-m", "celery", "-A", "portal", "beat"],
        ["-c", "import portal.wsgi"],
    ],
)
def test_bad_setting_stops_every_program_with_one_clear_line(program):
    done = run(program, SECRET_KEY="")

    assert done.returncode == 1
    assert done.stderr.startswith("SECRET_KEY is missing.")
    assert done.stderr.count("\n") == 1


def test_right_settings_pass_the_check():
    done = run(["manage.py", "check"])

    assert (done.returncode, done.stderr) == (0, "")


def test_env_file_is_read_and_the_environment_wins(tmp_path, monkeypatch):
    monkeypatch.setenv("FROM_BOTH", "environment")
    monkeypatch.setenv("FROM_FILE", "")
    monkeypatch.delenv("FROM_FILE")
    (tmp_path / ".env").write_text("FROM_FILE=file\nFROM_BOTH=file\n")

    env = Environment(tmp_path / ".env")

    assert env.text("FROM_FILE", like="a word") == "file"
    assert env.text("FROM_BOTH", like="a word") == "environment"


def test_value_that_begins_with_a_dollar_is_taken_as_it_is(monkeypatch):
    monkeypatch.setenv("SOME_SECRET", "$HOME")

    assert Environment().text("SOME_SECRET", like="a text") == "$HOME"


def test_getters_answer_in_their_types(monkeypatch, tmp_path):
    for name, value in {
        "A_FLAG": "Yes",
        "A_NUMBER": "12",
        "A_TIME": "0.5",
        "A_LIST": "a.example, b.example",
        "AN_ORIGIN": "https://a.example/",
        "A_ZONE": "Europe/Berlin",
        "A_DATABASE": "sqlite:///data/portal.sqlite3",
    }.items():
        monkeypatch.setenv(name, value)
    env = Environment()

    assert env.flag("A_FLAG") is True
    assert env.number("A_NUMBER", like="a number") == 12
    assert env.optional_number("NOT_SET", like="a number") is None
    assert env.seconds("A_TIME", 1.0, like="seconds") == 0.5
    assert env.words("A_LIST", [], like="hosts") == ["a.example", "b.example"]
    assert env.origin("AN_ORIGIN", like="an address") == "https://a.example"
    assert env.zone("A_ZONE", "UTC") == "Europe/Berlin"
    database = env.database("A_DATABASE", "", base_dir=tmp_path)
    assert database["NAME"] == str(tmp_path / "data/portal.sqlite3")


def test_missing_value_without_a_default_is_named():
    with pytest.raises(SettingError, match=r"^NOT_SET is missing\. It should be a word\.$"):
        Environment().text("NOT_SET", like="a word")
