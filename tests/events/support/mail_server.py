"""A mail server on loopback that keeps what it accepts, refuses whom it is told to, and breaks."""

from __future__ import annotations

import email
import socketserver
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default
from typing import Any


class MailServer(socketserver.ThreadingTCPServer):
    """What arrived, and how to misbehave."""

    allow_reuse_address = daemon_threads = True
    request_queue_size = 50

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.accepted: list[EmailMessage] = []
        self.refusals: dict[str, str] = {}  # By recipient: what RCPT is answered.
        self.data_answers: list[str] = []  # What the next mails are answered; "" hangs up.
        self.lock = threading.Lock()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def recipients(self) -> list[str]:
        return [str(mail["To"]) for mail in self.accepted]

    def counted(self) -> Counter[str]:
        """How many mails each address got."""
        return Counter(self.recipients)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is no error of ours."""


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 loopback")
        for line in self.rfile:
            verb = line[:4].upper().strip()
            if verb == b"QUIT":
                self._say("221 bye")
                return
            if verb == b"EHLO":
                self._say("250 loopback")
            elif verb == b"RCPT":
                address = line.split(b"<")[1].split(b">")[0].decode()
                self._say(self.server.refusals.get(address, "250 ok"))
            elif verb == b"DATA":
                self._say("354 go on")
                if not self._take():
                    return
            else:
                self._say("250 ok")

    def _take(self) -> bool:
        lines: list[bytes] = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line[1:] if line.startswith(b"..") else line)
        else:
            return False
        with self.server.lock:
            answer = self.server.data_answers.pop(0) if self.server.data_answers else "250 ok"
            if answer.startswith("2") or not answer:
                mail = email.message_from_bytes(
                    b"".join(lines).replace(b"\r\n", b"\n"), policy=default
                )
                self.server.accepted.append(mail)  # type: ignore[arg-type]
        if answer:
            self._say(answer)
        return bool(answer)

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


@contextmanager
def running() -> Iterator[MailServer]:
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
