"""The portal's own settings, in the tests' environment."""

from tests.environment import prepare

prepare()

from portal.settings import *  # noqa: E402, F403
from portal.settings import DATABASES  # noqa: E402

# A file, not memory: live servers, workers and subprocesses need to reach it.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {
        "NAME": DATABASES["default"]["NAME"].replace("portal.sqlite3", "test.sqlite3")
    }
# Passwords in tests guard nothing, and argon2 is slow by design.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Each test client would list all static files anew; so they are looked up when they are asked for.
WHITENOISE_AUTOREFRESH = True
