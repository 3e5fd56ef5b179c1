"""Every setting of the portal, one module for all environments.

Values come from the environment (and from a ``.env`` beside ``manage.py``),
described one by one in ``.env.example``. Everything else follows from those:
https cookies from SITE_URL, the broker and the cache from REDIS_URL, and so on.
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from portal.environment import Environment, SettingError
from portal.logs import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

# Tests and the demo name another file, or none: a developer's .env must not affect them.
env = Environment(BASE_DIR / os.environ.get("ENV_FILE", ".env"))

# --- Site -------------------------------------------------------------------

DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.text(
    "SECRET_KEY",
    like="a random text of 50 characters or more, the same for every process",
    pattern=r"(?s).{50,}",
    secret=True,
)
SITE_URL = env.origin(
    "SITE_URL",
    *(["http://localhost:8000"] if DEBUG else []),
    like="the address people open, for example https://events.example.org",
)
_site = urlsplit(SITE_URL)
SITE_IS_HTTPS = _site.scheme == "https"
ALLOWED_HOSTS = env.words(
    "ALLOWED_HOSTS",
    default=[_site.hostname or "", *(["localhost", "127.0.0.1"] if DEBUG else [])],
    like="host names with commas between, without scheme or port: events.example.org",
)
# How many proxies stand in front and rewrite X-Forwarded-For and -Proto: without
# one, any client could send those headers, so they are ignored.
TRUSTED_PROXY_COUNT = env.number(
    "TRUSTED_PROXY_COUNT", default=0, like="the number of proxies in front, 0 for none"
)
# Who may read /metrics without a login; empty: only superusers.
METRICS_TOKEN = env.text(
    "METRICS_TOKEN",
    default="",
    like="a random text of 16 characters or more",
    pattern=r"\S{16,}",
    secret=True,
)
# The demo shows the mails it "sends", sign-in codes too, on a page for everybody.
DEMO = env.flag("DEMO", default=False)
if DEMO and _site.hostname not in {"localhost", "127.0.0.1"}:
    raise SettingError(
        "DEMO is malformed (true). It should be false: with it everyone at "
        f"{SITE_URL} could read everyone's sign-in codes. It is for localhost only."
    )

INSTALLED_APPS = [
    "portal.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "rules.apps.AutodiscoverRulesConfig",
    "csp",
    "events",
    "kaltura_bridge",
    "analytics",
    "portal",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.middleware.PermissionsPolicyMiddleware",
    "portal.middleware.ContentPolicyMiddleware",
    "portal.middleware.PlainRequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.middleware.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context_processors.site",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.insert(0, "django.forms")

# --- Broker and processes ---------------------------------------------------

REDIS_URL = env.text(
    "REDIS_URL",
    default="",
    like="redis://host:6379/0, rediss://..., or unix:///path/to/redis.sock; empty for none",
    pattern=r"(rediss?://[^\s/]+(/\d*)?|unix:///\S+)(\?\S*)?",
    secret=True,
)
# Without Redis the worker and the scheduler live inside the one web process.
EMBEDDED_WORKER = env.flag("EMBEDDED_WORKER", default=not REDIS_URL)
WEB_CONCURRENCY = env.number(
    "WEB_CONCURRENCY",
    default=1 if EMBEDDED_WORKER else 2,
    like="the number of web processes, 1 with the embedded worker",
    least=1,
)
WEB_THREADS = env.number(
    "WEB_THREADS", default=8, like="the number of threads in each web process", least=1
)

# --- Database ---------------------------------------------------------------

_database = env.database("DATABASE_URL", default="sqlite:///var/portal.sqlite3", base_dir=BASE_DIR)
if _database["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE takes the write lock at BEGIN, and WAL lets readers go on meanwhile.
    # With Django's defaults half of the contending writers failed with "database is locked":
    # https://docs.djangoproject.com/en/5.2/ref/databases/#sqlite-transaction-behavior
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;"
            "PRAGMA synchronous=NORMAL;"
            "PRAGMA mmap_size=134217728;"
            "PRAGMA journal_size_limit=27103364;"
            "PRAGMA cache_size=2000;"
        ),
    }
    if _database["NAME"] != ":memory:":
        Path(_database["NAME"]).parent.mkdir(parents=True, exist_ok=True)
else:
    _database["CONN_HEALTH_CHECKS"] = True
    # The web process sets this for itself (portal/gunicorn.py). Celery closes
    # pools at every task boundary, so workers connect without one.
    if env.flag("DATABASE_POOL", default=False) and not EMBEDDED_WORKER:
        _database["OPTIONS"] = {"pool": {"min_size": 1, "max_size": WEB_THREADS + 2}}
        # It looks after the connections of its pool itself.
        _database |= {"ENGINE": "portal.postgresql", "CONN_HEALTH_CHECKS": False}
DATABASES: dict[str, dict[str, Any]] = {"default": _database}

# --- Cache ------------------------------------------------------------------

CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "portal.fallback_cache.FallbackCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "portal",
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# --- Background work --------------------------------------------------------


def _celery_broker(redis_url: str) -> str:
    """Celery spells a Redis socket in its own way."""
    if redis_url.startswith("unix://"):
        path, _, query = redis_url.removeprefix("unix://").partition("?")
        number = query.removeprefix("db=") if query.startswith("db=") else "0"
        return f"redis+socket://{path}?virtual_host={number}"
    return redis_url or "memory://localhost/"


# A Redis that hangs is like one that is away. Who saves something (portal/gunicorn.py sets this)
# should not wait for it; a worker may be slow to read, and waits a second for each message.
_BROKER_TIMEOUT_S = 2 if env.flag("DATABASE_POOL", default=False) else 10
CELERY_BROKER_URL = _celery_broker(REDIS_URL)
# At the default polling interval the in-memory broker needs a second for every task.
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"socket_connect_timeout": 3, "socket_timeout": _BROKER_TIMEOUT_S}
    if REDIS_URL
    else {"polling_interval": 0.02}
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A save in the admin must not hang when the broker is down: the schedule finds the row anyway.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SOFT_TIME_LIMIT = None
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Work goes on without its broker: its claim is in the database, and a task that runs twice does
# no harm. Killing the processes in the middle of it costs a lease, and sometimes the worker.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_TIMEZONE = "UTC"
# Kept in memory: no entry waits so long that a restart should remember when it last ran.
CELERY_BEAT_SCHEDULER = "portal.scheduler:BeatingScheduler"


def _every(seconds: float, task: str) -> dict[str, Any]:
    """Every so many seconds. A message that no worker took by then expires: no pile-up."""
    return {"task": task, "schedule": seconds, "options": {"expires": seconds}}


# The schedule is code. Every task named here may run twice without harm.
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    # When a wake-up message is lost, work waits no longer than this.
    "sync what is due": _every(5.0, "kaltura_bridge.sync_due"),
    "read Kaltura back": _every(60.0, "kaltura_bridge.sweep"),
    "look for recordings": _every(20.0, "kaltura_bridge.look_for_recordings"),
    "look at the galleries": _every(600.0, "kaltura_bridge.look_at_galleries"),
    "forget old entrances": _every(3600.0, "kaltura_bridge.clear_tickets"),
    "order and fetch captions": _every(60.0, "kaltura_bridge.captions"),
    "join what begins soon": _every(15.0, "kaltura_bridge.join_tests"),
    # A mail is written for the outbox with what it tells; nothing else wakes its sender.
    "send mails that are due": _every(5.0, "events.send_mails"),
    "forget old mails": _every(3600.0, "events.sweep_mails"),
    "send notifications that are due": _every(5.0, "events.send_pushes"),
    "fill places that became free": _every(30.0, "events.settle_places"),
    "end the time for names": _every(3600.0, "analytics.tasks.apply_retention"),
    "ask Kaltura about erasures": _every(60.0, "analytics.tasks.ask_erasures"),
    "write the mails about starred sessions": _every(15.0, "events.write_news"),
    "write the mails about tomorrow": _every(60.0, "events.write_day_ahead"),
    "count stars for suggestions": _every(3600.0, "events.count_stars"),
    "sweep uploaded files": _every(3600.0, "events.sweep_files"),
    "pull attendance": _every(300.0, "analytics.tasks.pull_attendance"),
    # Who asks for a large file wakes a worker; this starts what is planned, finds what was
    # lost, and sweeps.
    "make attendance files": _every(60.0, "analytics.tasks.make_attendance_files"),
    "ask people who were at an event": _every(3600.0, "analytics.tasks.ask_for_feedback"),
    "count presence": _every(60.0, "analytics.tasks.count_presence"),
}

# --- People -----------------------------------------------------------------

AUTH_USER_MODEL = "events.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

# Attendees have no password: they sign up with a name and an address and type the
# code they are mailed. Managers may also set a password.
ACCOUNT_ADAPTER = "portal.sign_in.adapter.AccountAdapter"
ACCOUNT_SIGNUP_FORM_CLASS = "portal.sign_in.sign_up.SignupForm"
ACCOUNT_FORMS = {
    "login": "portal.sign_in.forms.LoginForm",
    "request_login_code": "portal.sign_in.forms.RequestLoginCodeForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
# Strangers must not learn whether an address has an account: both cases look the same.
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _site.scheme
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# A whole venue may sign in from one IP address when the first session begins, so limits by
# address are wide; the limits by account (key) are what slows guessing down.
ACCOUNT_RATE_LIMITS = {
    "signup": "300/m/ip",
    "login": "300/m/ip",
    "login_failed": "60/m/ip,5/5m/key",
    "request_login_code": "300/m/ip,3/m/key",
}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT

# A second step is everybody's own choice; a passkey is both steps at once.
MFA_SUPPORTED_TYPES = ["recovery_codes", "totp", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_FORMS = {"add_webauthn": "portal.sign_in.passkeys.AddPasskeyForm"}
MFA_TOTP_ISSUER = _site.hostname
# Browsers offer passkeys over https, and over http on this machine only.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SITE_IS_HTTPS
# A venue of people signs in from one address.
MFA_RATE_LIMITS = {"webauthn_login": "300/m/ip"}

# --- Single sign-on -----------------------------------------------------------

OIDC_SERVER_URL = env.text(
    "OIDC_SERVER_URL",
    default="",
    like="the provider's address, before /.well-known/: https://login.example.org/realms/staff",
    pattern=r"https://[^\s?#]+|http://(localhost|127\.0\.0\.1)(:\d+)?[^\s?#]*",
)
OIDC_CLIENT_ID = env.text(
    "OIDC_CLIENT_ID", default="", like="what the provider calls this portal", pattern=r"\S+"
)
OIDC_CLIENT_SECRET = env.text(
    "OIDC_CLIENT_SECRET",
    default="",
    like="the secret that the provider gave out with it",
    pattern=r"\S+",
    secret=True,
)
OIDC_NAME = env.text("OIDC_NAME", default="single sign-on", like="what people call the provider")
if len({bool(OIDC_SERVER_URL), bool(OIDC_CLIENT_ID), bool(OIDC_CLIENT_SECRET)}) > 1:
    _absent = next(
        name
        for name in ("OIDC_SERVER_URL", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")
        if not vars()[name]
    )
    raise SettingError(
        f"{_absent} is missing. OIDC_SERVER_URL, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET belong "
        "together: set all three, or none for no single sign-on."
    )
SOCIALACCOUNT_ADAPTER = "portal.sign_in.adapter.SingleSignOnAdapter"
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {"openid_connect": {"APPS": []}}
if OIDC_SERVER_URL:
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "OAUTH_PKCE_ENABLED": True,
        # Whom the provider vouches for is who has that address here, old accounts too.
        "EMAIL_AUTHENTICATION": True,
        "APPS": [
            {
                "provider_id": "sso",
                "name": OIDC_NAME,
                "client_id": OIDC_CLIENT_ID,
                "secret": OIDC_CLIENT_SECRET,
                "settings": {"server_url": OIDC_SERVER_URL},
            }
        ],
    }
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5

# --- Mail -------------------------------------------------------------------

vars().update(env.email("EMAIL_URL", *(["consolemail://"] if DEBUG else [])))
EMAIL_TIMEOUT = 10
DEMO_MAIL_DIR = Path(
    env.text("DEMO_MAIL_DIR", default=str(VAR_DIR / "demo" / "mail"), like="a folder")
)
if DEMO:
    EMAIL_BACKEND = "portal.demo.mail.EmailBackend"
DEFAULT_FROM_EMAIL = env.text(
    "DEFAULT_FROM_EMAIL",
    default=f"events@{_site.hostname}",
    like="an address, for example Events <events@example.org>",
    pattern=r"[^@\n]+@[^@\s]+",
)
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Who was sent what, and why not: addresses and subjects, never texts.
MAIL_LOG_DAYS = env.number(
    "MAIL_LOG_DAYS", default=180, like="a number of days, at least 7", least=7
)

# --- Language and time ------------------------------------------------------

LANGUAGE_CODE = "en"
# Under the names that their speakers give them. To add one: CONTRIBUTING.md, "Words".
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("es", "Español"),
    ("fr", "Français"),
    ("he", "עברית"),
]
LANGUAGE_COOKIE_NAME = "language"
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.zone("TIME_ZONE", default="UTC")

# --- Static files -----------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / env.text("STATIC_ROOT", default="staticfiles", like="a folder")
# The manifest needs collectstatic; development and tests do without.
STATIC_MANIFEST = env.flag("STATIC_MANIFEST", default=not DEBUG)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_MANIFEST
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not STATIC_MANIFEST
WHITENOISE_AUTOREFRESH = DEBUG

# --- Reading without a network ------------------------------------------------

# Off: browsers forget at their next visit what they keep, and keep nothing more.
OFFLINE_PAGES = env.flag("OFFLINE_PAGES", default=True)

# --- Notifications of browsers --------------------------------------------------

# The private key of web push; without one there are no notifications.
WEB_PUSH_KEY = env.text(
    "WEB_PUSH_KEY",
    default="",
    like="43 characters, as manage.py web_push_keys prints it",
    pattern=r"[A-Za-z0-9_-]{43}",
    secret=True,
)
# Push services beside the well-known ones: one's own, or this machine in tests.
WEB_PUSH_HOSTS = [
    host.lower()
    for host in env.words(
        "WEB_PUSH_HOSTS", default=[], like="names of hosts, such as push.intranet.example"
    )
]

# --- Documents --------------------------------------------------------------

# TrueType files for PDFs; Debian's fonts-dejavu-core has these.
PDF_FONT = env.text(
    "PDF_FONT",
    default="/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    like="the path of a TrueType file",
)
PDF_FONT_BOLD = env.text(
    "PDF_FONT_BOLD",
    default="/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf",
    like="the path of a TrueType file",
)

# --- Attendance files -------------------------------------------------------

# Never below a folder that is served: these files hold names and addresses.
EXPORT_DIR = BASE_DIR / env.text("EXPORT_DIR", default="var/exports", like="a private folder")
# Up to so many rows are streamed as they are asked for; larger files are made by a worker.
EXPORT_STREAM_ROWS = env.number(
    "EXPORT_STREAM_ROWS", default=100_000, like="a number of rows", least=0
)

# --- Uploaded files ---------------------------------------------------------

# Pictures, and documents beside sessions. Never below a folder that is served: the portal
# sends each file itself, to those who may have it. Web processes and workers share it.
FILES_DIR = BASE_DIR / env.text("FILES_DIR", default="var/files", like="a private folder")

# --- Security ---------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        # The join page adds the one Kaltura origin it needs; no other page frames anything.
        "frame-src": [NONE],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = SITE_IS_HTTPS
# Probes come from inside, over plain http and by address.
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
SECURE_HSTS_SECONDS = env.number(
    "HSTS_SECONDS",
    default=365 * 24 * 3600 if SITE_IS_HTTPS else 0,
    like="how many seconds browsers insist on https, 0 for not at all",
)
SECURE_HSTS_INCLUDE_SUBDOMAINS = bool(SECURE_HSTS_SECONDS)
SECURE_HSTS_PRELOAD = bool(SECURE_HSTS_SECONDS)
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SITE_IS_HTTPS
SESSION_ENGINE = "portal.sign_in.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [f"{_site.scheme}://{_site.netloc}"]

# --- Kaltura ----------------------------------------------------------------

_ENTRY_ID = r"[01]_[a-z0-9]{8}"

KALTURA_SERVICE_URL = env.origin(
    "KALTURA_SERVICE_URL",
    default="https://www.kaltura.com",
    like="the address of Kaltura's API, for example https://www.kaltura.com",
)
KALTURA_PARTNER_ID = env.number(
    "KALTURA_PARTNER_ID", like="the account's number, for example 1234567", least=1
)
KALTURA_ADMIN_SECRET = env.text(
    "KALTURA_ADMIN_SECRET",
    default="",
    like="the account's administrator secret, 32 characters 0-9 and a-f",
    pattern=r"[0-9a-f]{32}",
    secret=True,
)
KALTURA_APP_TOKEN_ID = env.text(
    "KALTURA_APP_TOKEN_ID",
    default="",
    like="the application token's id, for example 1_a2b3c4d5",
    pattern=r"\w+",
)
KALTURA_APP_TOKEN = env.text(
    "KALTURA_APP_TOKEN",
    default="",
    like="the application token itself, 32 characters 0-9 and a-f",
    pattern=r"[0-9a-f]{32}",
    secret=True,
)
if bool(KALTURA_APP_TOKEN_ID) != bool(KALTURA_APP_TOKEN):
    _absent = "KALTURA_APP_TOKEN" if KALTURA_APP_TOKEN_ID else "KALTURA_APP_TOKEN_ID"
    raise SettingError(
        f"{_absent} is missing. KALTURA_APP_TOKEN_ID and KALTURA_APP_TOKEN belong together: "
        "set both, or neither with KALTURA_ADMIN_SECRET."
    )
if not KALTURA_ADMIN_SECRET and not KALTURA_APP_TOKEN:
    raise SettingError(
        "KALTURA_ADMIN_SECRET is missing. It should be the account's administrator secret, "
        "32 characters 0-9 and a-f; or set KALTURA_APP_TOKEN_ID and KALTURA_APP_TOKEN instead."
    )
KALTURA_USER_ID = env.text(
    "KALTURA_USER_ID",
    default="event-portal",
    like="a Kaltura user id of at most 100 letters, digits and . _ @ -",
    pattern=r"[\w.@-]{1,100}",
)
KALTURA_KAF_URL = env.origin(
    "KALTURA_KAF_URL",
    like="the address of the account's KAF, for example https://1234567.kaf.kaltura.com",
)
_REPORT = "(engagement|realtime|highlights|audience|attendees|timeline|platforms|participation)"
KALTURA_FURTHER_REPORTS = frozenset(
    env.text(
        "KALTURA_FURTHER_REPORTS",
        default="highlights,audience,attendees,timeline,platforms,participation",
        like="names such as engagement,realtime,highlights with commas between, or none",
        pattern=rf"none|{_REPORT}(,{_REPORT})*",
    ).split(",")
) - {"none"}
KALTURA_REPORTS_AT_ONCE = env.number(
    "KALTURA_REPORTS_AT_ONCE", default=4, like="a whole number, 1 or more", least=1
)
KALTURA_PARENT_CATEGORY = env.text(
    "KALTURA_PARENT_CATEGORY",
    default="",
    like="the full name of an existing category, for example KAF>site>channels",
    pattern=r"[^<,>]+(>[^<,>]+)*",
)
# Which of KAF's pages lists what is in a category, and by which privilege it learns which.
KALTURA_GALLERY_PATH = env.text(
    "KALTURA_GALLERY_PATH",
    default="/hosted/index/course-gallery",
    like="the path of one of KAF's pages, for example /hosted/index/course-gallery",
    pattern=r"(/[\w.~-]+)+",
)
KALTURA_GALLERY_PRIVILEGE = env.text(
    "KALTURA_GALLERY_PRIVILEGE",
    default="contextId",
    like="contextId, categoryId or channelId",
    pattern=r"contextId|categoryId|channelId",
)
KALTURA_PLAYER_UICONF_ID = env.optional_number(
    "KALTURA_PLAYER_UICONF_ID", like="the player's number, for example 51234567"
)
KALTURA_SLIDES_PLAYER_UICONF_ID = env.optional_number(
    "KALTURA_SLIDES_PLAYER_UICONF_ID", like="the older player's number, for example 41234567"
)
# Empty: where Kaltura's own service has it, else the same server as the API.
KALTURA_CDN_URL = env.origin(
    "KALTURA_CDN_URL",
    default="",
    like="the address of Kaltura's delivery network, for example https://cdnapisec.kaltura.com",
)
# What the player's page may load from beside that server and the API, and nothing else.
KALTURA_PLAYER_ORIGINS = env.origins(
    "KALTURA_PLAYER_ORIGINS",
    default=[],
    like="servers with a comma between, for example https://cfvod.kaltura.com, without *",
)
KALTURA_PLAYER_ROLE = env.text(
    "KALTURA_PLAYER_ROLE",
    default="PLAYBACK_BASE_ROLE",
    like="the system name of a role at Kaltura, or none",
    pattern=r"[A-Z][A-Z0-9_]{2,60}|none",
)
KALTURA_PLAYER_SANDBOX = env.flag("KALTURA_PLAYER_SANDBOX", default=True)
KALTURA_CONVERSION_PROFILE_ID = env.optional_number(
    "KALTURA_CONVERSION_PROFILE_ID", like="the live conversion profile's number"
)
KALTURA_SLIDES_PROFILE_ID = env.optional_number(
    "KALTURA_SLIDES_PROFILE_ID", like="the number of the conversion profile for slides"
)
KALTURA_ROOM_TEMPLATE_INTERACTIVE, KALTURA_ROOM_TEMPLATE_WEBINAR, KALTURA_ROOM_TEMPLATE_STUDIO = (
    env.text(
        f"KALTURA_ROOM_TEMPLATE_{kind}",
        default="",
        like="the entry id of a template room, for example 1_a2b3c4d5",
        pattern=_ENTRY_ID,
    )
    for kind in ("INTERACTIVE", "WEBINAR", "STUDIO")
)
KALTURA_SIMULIVE_ACCESS_CONTROL_ID = env.optional_number(
    "KALTURA_SIMULIVE_ACCESS_CONTROL_ID", like="the access control profile's number"
)
KALTURA_WEBHOOK_SECRET = env.text(
    "KALTURA_WEBHOOK_SECRET",
    default="",
    like="the text that signs Kaltura's notifications, 16 characters or more",
    pattern=r"\S{16,}",
    secret=True,
)
# Told when a test of joining a session fails, and when it is well again.
ALARM_WEBHOOK_URL = env.text(
    "ALARM_WEBHOOK_URL",
    default="",
    like="an address such as https://alarms.example.org/hook, or empty",
    pattern=r"https?://[^\s/@]+(/\S*)?",
    secret=True,
)
ALARM_WEBHOOK_SECRET = env.text(
    "ALARM_WEBHOOK_SECRET",
    default="",
    like="a random text that signs alarms, 32 characters or more",
    pattern=r"\S{32,}",
    secret=True,
)
# How long Kaltura's lists may lag behind its writes.
KALTURA_INDEX_DELAY_S = env.seconds(
    "KALTURA_INDEX_DELAY_S", default=20.0, like="seconds, for example 20"
)
# How long a sender may keep a claim without renewing it; longer than any call takes.
KALTURA_LEASE_S = env.seconds("KALTURA_LEASE_S", default=60.0, like="seconds, for example 60")
KALTURA_TIMEOUT_S = env.seconds("KALTURA_TIMEOUT_S", default=20.0, like="seconds, for example 20")
# How long someone who clicked may take to arrive at Kaltura's page, and how long our own
# server calls may use one signature. Neither ends a visit that has begun.
KALTURA_KAF_KS_S = env.number(
    "KALTURA_KAF_KS_S", default=300, like="seconds, for example 300", least=20
)
KALTURA_SERVER_KS_S = env.number(
    "KALTURA_SERVER_KS_S", default=600, like="seconds, for example 600", least=60
)

# Not public, and yet fetched by us: somebody's own picture server, or this machine in tests.
PICTURE_HOSTS = [
    host.lower()
    for host in env.words(
        "PICTURE_HOSTS",
        default=[],
        like="names of hosts, such as pictures.intranet.example",
    )
]

# --- Newrow -----------------------------------------------------------------

NEWROW_API_URL = env.origin(
    "NEWROW_API_URL",
    default="",
    like="the address of the Newrow API, for example https://smart.newrow.com/backend/api",
)
NEWROW_API_TOKEN = env.text(
    "NEWROW_API_TOKEN", default="", like="the Newrow API token", pattern=r"\S+", secret=True
)
if bool(NEWROW_API_URL) != bool(NEWROW_API_TOKEN):
    _absent = "NEWROW_API_TOKEN" if NEWROW_API_URL else "NEWROW_API_URL"
    raise SettingError(
        f"{_absent} is missing. NEWROW_API_URL and NEWROW_API_TOKEN belong together: "
        "set both, or neither to read attendance through KAF."
    )

# --- The vendor's side of REACH -----------------------------------------------
# Only `manage.py reach_vendor` uses these; the portal itself needs none of them.

REACH_VENDOR_PARTNER_ID = env.optional_number(
    "REACH_VENDOR_PARTNER_ID", like="the vendor account's number, for example 7654321"
)
REACH_VENDOR_APP_TOKEN_ID = env.text(
    "REACH_VENDOR_APP_TOKEN_ID",
    default="",
    like="the id of an application token of the vendor account, for example 1_a2b3c4d5",
    pattern=r"[\w-]+",
)
REACH_VENDOR_APP_TOKEN = env.text(
    "REACH_VENDOR_APP_TOKEN",
    default="",
    like="the application token itself, 32 characters 0-9 and a-f",
    pattern=r"[0-9a-f]{32}",
    secret=True,
)
_vendor = {
    "REACH_VENDOR_PARTNER_ID": REACH_VENDOR_PARTNER_ID,
    "REACH_VENDOR_APP_TOKEN_ID": REACH_VENDOR_APP_TOKEN_ID,
    "REACH_VENDOR_APP_TOKEN": REACH_VENDOR_APP_TOKEN,
}
if any(_vendor.values()) and not all(_vendor.values()):
    _absent = next(name for name, value in _vendor.items() if not value)
    raise SettingError(
        f"{_absent} is missing. {', '.join(_vendor)} belong together: set all of them, or none."
    )
REACH_VENDOR_NAME = env.text(
    "REACH_VENDOR_NAME",
    default="event-portal",
    like="the vendor's name in a few letters, digits and hyphens",
    pattern=r"[A-Za-z0-9-]{1,40}",
)
REACH_VENDOR_ENGINE = env.text(
    "REACH_VENDOR_ENGINE",
    default="sidecar",
    like="the name of an engine, or module:Class of your own",
    pattern=r"[\w.-]+(:\w+)?",
)
REACH_VENDOR_ENGINE_OPTIONS = env.words(
    "REACH_VENDOR_ENGINE_OPTIONS", default=[], like="NAME=VALUE, with commas between", slashes=True
)
REACH_VENDOR_TRANSCRIPT = env.text(
    "REACH_VENDOR_TRANSCRIPT",
    default="",
    like="json or text, or nothing for captions alone",
    pattern="json|text",
)
# Where media may come from beside Kaltura's own address.
REACH_VENDOR_MEDIA_HOSTS = [
    host.lower()
    for host in env.words(
        "REACH_VENDOR_MEDIA_HOSTS", default=[], like="names of hosts, such as cdn.example.com"
    )
]
REACH_VENDOR_MEDIA_MB = env.number(
    "REACH_VENDOR_MEDIA_MB", default=4000, like="megabytes, for example 4000", least=1
)
# How long a worker may show no sign of life before another one takes its job.
REACH_VENDOR_LEASE_S = env.number(
    "REACH_VENDOR_LEASE_S", default=900, like="seconds, 60 or more", least=60
)

# --- Logs -------------------------------------------------------------------

LOG_LEVEL = env.text(
    "LOG_LEVEL",
    default="INFO",
    like="DEBUG, INFO, WARNING or ERROR",
    pattern="DEBUG|INFO|WARNING|ERROR",
)
# One line for every request; a proxy in front usually keeps that log.
ACCESS_LOG = env.flag("ACCESS_LOG", default=False)
LOGGING = logging_config(
    level=LOG_LEVEL,
    access_log=ACCESS_LOG,
    secrets=[
        SECRET_KEY,
        KALTURA_ADMIN_SECRET,
        KALTURA_APP_TOKEN,
        KALTURA_WEBHOOK_SECRET,
        ALARM_WEBHOOK_SECRET,
        NEWROW_API_TOKEN,
        REACH_VENDOR_APP_TOKEN,
        METRICS_TOKEN,
        OIDC_CLIENT_SECRET,
        WEB_PUSH_KEY,
    ],
)
