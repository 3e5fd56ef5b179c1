#!/bin/sh
# Every check of `make lint`, all of them even when one fails. PY and BIN come from the Makefile.
set -u
status=0

check() {
    name=$1
    shift
    if output=$("$@" 2>&1); then
        echo "  ok      $name"
    else
        echo "  FAILED  $name"
        printf '%s\n' "$output"
        status=1
    fi
}

# The settings of an installation as docs/operations.md describes it.
production() {
    env -i PATH="$PATH" HOME="${HOME:-/}" ENV_FILE= \
        SECRET_KEY="$("$PY" -c 'import secrets; print(secrets.token_urlsafe(64))')" \
        SITE_URL=https://events.example.org \
        DATABASE_URL=postgres://portal:portal@db.example.org:5432/portal \
        REDIS_URL=redis://redis.example.org:6379/0 \
        EMAIL_URL=smtp+tls://portal:portal@mail.example.org:587 \
        TRUSTED_PROXY_COUNT=1 \
        KALTURA_PARTNER_ID=101 \
        KALTURA_ADMIN_SECRET=0123456789abcdef0123456789abcdef \
        KALTURA_KAF_URL=https://101.kaf.kaltura.com \
        "$@"
}

templates() {
    if [ -n "$(find . -path './.*' -prune -o -name '*.html' -path '*/templates/*' -print -quit)" ]; then
        "$BIN/djlint" --quiet "$@" templates
    else
        echo "There are no templates."
        return 1
    fi
}

check "style (ruff check)" "$BIN/ruff" check --quiet .
check "format (ruff format)" "$BIN/ruff" format --quiet --diff .
# mypy leaves without its exit handlers, so it gets no folder that it would have to delete.
check "types (mypy)" env DJANGO_SETTINGS_MODULE=tests.settings TEST_DATABASE_URL=sqlite://:memory: "$BIN/mypy"
check "layers (import-linter)" "$BIN/lint-imports" --no-logo
check "rooms (tests.house)" "$PY" -m tests.house
check "templates (djlint)" templates --lint
check "locks match their .in files" "$PY" -m tests.locks
check "migrations are complete" production DATABASE_URL=sqlite://:memory: \
    "$PY" -W error manage.py makemigrations --check --dry-run
check "deployment (check --deploy)" production \
    "$PY" manage.py check --deploy --fail-level WARNING
exit $status
