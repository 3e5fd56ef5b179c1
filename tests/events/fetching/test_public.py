"""What lies at addresses is fetched whole or not at all, in bounded time, over checked TLS."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from events.fetching.public import FetchLimits, NothingFetched, fetch, public_address

LIMITS = FetchLimits(1024 * 1024, 2.0, hosts=["127.0.0.1"], keeps_tls=True)


@pytest.fixture
def server() -> Iterator[Callable[..., int]]:
    """Runs ``answer(connection)`` for each connection; returns the port."""
    listening: list[socket.socket] = []

    def start(answer: Callable[[socket.socket], None]) -> int:
        place = socket.create_server(("127.0.0.1", 0))
        listening.append(place)

        def serve() -> None:
            while True:
                try:
                    connection, _ = place.accept()
                    with connection:
                        answer(connection)
                except OSError:
                    if place.fileno() < 0:
                        return

        threading.Thread(target=serve, daemon=True).start()
        return int(place.getsockname()[1])

    yield start
    for place in listening:
        with suppress(OSError):  # It wakes the thread that waits; macOS says no to it.
            place.shutdown(socket.SHUT_RDWR)
        place.close()


def saying(text: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(text)

    return answer


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "does not answer|broke off"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nx", "packed content"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1024 * 1025, "larger than 1 MB"),
        (b"HTTP/1.1 301 M\r\nLocation: http://10.0.0.1/\r\n\r\n", "not public"),
        (b"HTTP/1.1 302 F\r\nLocation: file:///etc/passwd\r\n\r\n", "no web address"),
        (b"not http at all", "does not answer"),
        (b"", "does not answer"),
    ],
)
def test_what_is_not_whole_or_leads_astray_is_refused(server, reply, reason):
    port = server(saying(reply))

    with pytest.raises(NothingFetched, match=reason):
        fetch(f"http://127.0.0.1:{port}/a", LIMITS)


def test_server_that_drips_its_headers_is_cut_off(server):
    def drip(connection: socket.socket) -> None:
        connection.recv(4096)
        for letter in b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 200:
            connection.send(bytes([letter]))
            time.sleep(0.1)

    port, began = server(drip), time.monotonic()

    with pytest.raises(NothingFetched, match=r"does not answer|takes too long"):
        fetch(f"http://127.0.0.1:{port}/", LIMITS)

    assert time.monotonic() - began < 4


def test_password_of_an_address_goes_nowhere(server):
    asked = []

    def answer(connection: socket.socket) -> None:
        asked.append(connection.recv(4096))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    port = server(answer)

    assert fetch(f"http://me:word@127.0.0.1:{port}/a?b=1", LIMITS).data == b"ok"
    assert b"word" not in asked[0] and asked[0].startswith(b"GET /a?b=1 HTTP/1.1\r\n")


def test_certificate_of_nobody_is_not_trusted(server, tmp_path: Path):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    days = datetime.timedelta(days=1)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(7).not_valid_before(now - days).not_valid_after(now + days)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = tmp_path / "own.pem"
    pem.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    def answer(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            secure.recv(100)

    port = server(answer)

    with pytest.raises(NothingFetched, match="does not answer"):
        fetch(f"https://127.0.0.1:{port}/", LIMITS)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.8",
        "192.88.99.1",
        "::127.0.0.1",  # IPv4 within IPv6, in every form that there is
        "::ffff:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b::192.0.0.8",
        "64:ff9b:1::10.0.0.1",  # a network's own NAT64
        "2002:7f00:1::1",
        "2001:0:7f00:1::1",
        "fec0::1",
        "fe80::1",
        "fd00:ec2::254",
        "5f00::1",
        "3fff::1",
    ],
)
def test_no_form_of_an_address_leads_inside(host: str):
    with pytest.raises(NothingFetched, match="not public"):
        public_address(host, 80)


@pytest.mark.parametrize(
    "host", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::93.184.216.34", "2002:5db8:d822::1"]
)
def test_what_everybody_reaches_is_public(host: str):
    assert public_address(host, 80)
