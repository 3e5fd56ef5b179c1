"""An OpenID Connect provider on loopback: real HTTP, real signatures, and one person to be."""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET = "portal", "a-secret-between-the-two"


class OidcProvider(ThreadingHTTPServer):
    """Whoever comes to /authorize is ``person``; a code is good for one exchange."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _OidcRequest)
        self.person: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.tokens: set[str] = set()
        self.answers = True
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/realm"

    def settings(self) -> dict[str, Any]:
        """What ``portal.settings`` makes of OIDC_... for this provider."""
        app = {
            "provider_id": "sso",
            "name": "Example Staff",
            "client_id": CLIENT_ID,
            "secret": CLIENT_SECRET,
            "settings": {"server_url": self.url},
        }
        return {
            "openid_connect": {
                "OAUTH_PKCE_ENABLED": True,
                "EMAIL_AUTHENTICATION": True,
                "APPS": [app],
            }
        }


@contextmanager
def running_provider() -> Iterator[OidcProvider]:
    with OidcProvider() as provider:
        thread = threading.Thread(target=provider.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield provider
        finally:
            provider.shutdown()
            thread.join()


class _OidcRequest(BaseHTTPRequestHandler):
    server: OidcProvider

    def log_message(self, *args: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        path = address.path.removeprefix("/realm")
        if not self.server.answers:
            self._answer(503, {})
        elif path == "/.well-known/openid-configuration":
            self._answer(200, self._configuration())
        elif path == "/authorize":
            self._authorize(asked)
        elif path == "/jwks":
            self._answer(200, {"keys": [self._public_key()]})
        elif path == "/userinfo" and self._bearer() in self.server.tokens:
            self._answer(200, self.server.person)
        else:
            self._answer(404, {})

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        asked = {k: v[0] for k, v in parse_qs(self.rfile.read(length).decode()).items()}
        code = self.server.codes.pop(asked.get("code", ""), None)
        verifier = sha256(asked.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        knows = asked.get("client_secret") == CLIENT_SECRET
        if code is None or not knows or code["code_challenge"] != challenge:
            self._answer(400, {"error": "invalid_grant"})
            return
        token = secrets.token_hex(16)
        self.server.tokens.add(token)
        self._answer(
            200,
            {"access_token": token, "token_type": "Bearer", "id_token": self._id_token()},
        )

    def _configuration(self) -> dict[str, Any]:
        url = self.server.url
        return {
            "issuer": url,
            "authorization_endpoint": f"{url}/authorize",
            "token_endpoint": f"{url}/token",
            "userinfo_endpoint": f"{url}/userinfo",
            "jwks_uri": f"{url}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def _authorize(self, asked: dict[str, str]) -> None:
        code = secrets.token_hex(16)
        self.server.codes[code] = asked
        query = urlencode({"code": code, "state": asked["state"]})
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{query}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _bearer(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bearer ")

    def _id_token(self) -> str:
        now = int(time.time())
        claims = {"iss": self.server.url, "aud": CLIENT_ID, "iat": now, "exp": now + 60}
        claims |= self.server.person
        return jwt.encode(claims, self.server.key, algorithm="RS256", headers={"kid": "one"})

    def _public_key(self) -> dict[str, Any]:
        key = jwt.algorithms.RSAAlgorithm.to_jwk(self.server.key.public_key(), as_dict=True)
        return {**key, "kid": "one", "use": "sig", "alg": "RS256"}

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
