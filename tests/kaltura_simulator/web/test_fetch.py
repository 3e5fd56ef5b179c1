"""The simulator calls and fetches what its options name, and no other address of this machine."""

from __future__ import annotations

import pytest

from kaltura_simulator.web.fetch import is_allowed


@pytest.mark.parametrize(
    ("url", "hosts", "allowed"),
    [
        ("http://127.0.0.1:8000/a", "", False),
        ("http://localhost/a", "", False),
        ("http://127.0.0.1:8000/a", "127.0.0.1", True),
        ("http://127.0.0.1:8000/a", "localhost", False),
        ("http://127.0.0.1:8000/a", "other.test, 127.0.0.1:8000", True),
        ("http://127.0.0.1:8001/a", "127.0.0.1:8000", False),
        ("http://Pictures.test/a", "pictures.TEST:80", True),
        ("https://pictures.test/a", "pictures.test:443", True),
        ("https://pictures.test/a", "pictures.test:80", False),
        ("http://pictures.test@192.0.2.1/a", "pictures.test", False),
        ("http://pictures.test.evil.example/", "pictures.test", False),
        ("http://[::1]:8000/a", "[::1]:8000", True),
        ("http://[::1]/a", "[::1]", True),
        ("ftp://127.0.0.1/a", "127.0.0.1", False),
        ("file:///etc/passwd", "", False),
        ("http:///a", "", False),
        ("http://[", "", False),
    ],
)
def test_only_named_addresses_are_allowed(url: str, hosts: str, allowed: bool) -> None:
    assert is_allowed(url, hosts) is allowed
