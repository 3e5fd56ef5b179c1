"""The portal's settings with the middleware of a new Django project, for the plain views."""

from portal.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.web.plain"
# And with Django's own database and sessions.
DATABASES["default"] |= {  # noqa: F405
    "ENGINE": "django.db.backends.postgresql",
    "CONN_HEALTH_CHECKS": True,
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
# As ``django-admin startproject`` writes them.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "events",  # Whose users these are.
]
