"""Headers that are written once say what their package would write each time."""

from __future__ import annotations

import pytest
from csp.decorators import csp_exempt, csp_replace, csp_update
from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse

from portal.middleware import ContentPolicyMiddleware


def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def with_nonce(request: HttpRequest) -> HttpResponse:
    return csp_update({"script-src": [f"'nonce-{request.csp_nonce}'"]})(plain)(request)


def with_header(request: HttpRequest) -> HttpResponse:
    return HttpResponse(headers={"Content-Security-Policy": "default-src 'none'"})


VIEWS = {
    "plain": plain,
    "replaced": csp_replace({"frame-src": ["'self'", "https://kaf.example.org"]})(plain),
    "replaced otherwise": csp_replace({"frame-ancestors": None, "img-src": ["*"]})(plain),
    "added to": csp_update({"frame-src": ["https://kaf.example.org"]})(plain),
    "exempt": csp_exempt()(plain),
    "nonce": with_nonce,
    "own": with_header,
}


def policy_of(middleware: type[CSPMiddleware], view, rf) -> set[str]:
    request = rf.get("/")
    request._csp_nonce = "the-same"
    if view is not with_nonce:
        del request._csp_nonce
    chain = middleware(view)
    answers = [chain(request).get("Content-Security-Policy", "") for _ in range(2)]
    assert set(answers[0].split("; ")) == set(answers[1].split("; "))
    return set(answers[0].split("; "))


@pytest.mark.parametrize("name", VIEWS)
def test_policy_is_the_one_that_the_package_writes(rf, name):
    view = VIEWS[name]

    assert policy_of(ContentPolicyMiddleware, view, rf) == policy_of(CSPMiddleware, view, rf)
