"""The one place that makes a Kaltura API client: guarded, short-lived, never shared.

The published client succeeds with half an answer, ignores HTTP statuses, opens a
connection for every call and stays in multirequest mode after a failure. Here its
parser is strict, its transport raises our errors, connections are kept for each
thread, and a client object ends with the first exception.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cache, partial
from typing import Any, TypeVar

import requests
from django.conf import settings
from django.utils import timezone
from KalturaClient import KalturaClient, KalturaConfiguration
from KalturaClient.Base import KalturaEnumsFactory, KalturaObjectFactory
from KalturaClient.exceptions import KalturaClientException, KalturaException
from KalturaClient.Plugins import (
    Attachment,
    Caption,
    Core,
    EventNotification,
    HttpNotification,
    Metadata,
    Reach,
    Room,
    Schedule,
    Transcript,
)
from lxml import etree
from requests_toolbelt import MultipartEncoder
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util import Retry

from kaltura_bridge.api import ks
from kaltura_bridge.api.errors import (
    CredentialsMissing,
    KalturaError,
    RemoteRejected,
    RemoteUnavailable,
)
from kaltura_bridge.api.masking import mask_secrets
from kaltura_bridge.api.rows import value_of
from kaltura_bridge.models import ErrorClass

CONNECT_TIMEOUT_S = 3.05
BATCH = 25  # requests in one multirequest
PAGE = 500  # rows in one list, Kaltura's own limit
# Where its classes are kept.
_MODULES = (
    *(Core, Metadata, Room, Schedule, EventNotification, HttpNotification),
    *(Reach, Caption, Attachment, Transcript),
)
_local = threading.local()
T = TypeVar("T")


@dataclass(frozen=True)
class Request:
    """One call to be made, alone or in a multirequest. ``write``: it changes something.

    ``as_row``: its answer is wanted as a ``Row``, not as an object of the client's; that of
    a write always is.
    """

    call: Callable[[Any], object]
    write: bool = False
    as_row: bool = False


Answer = Any  # what the call returns, or the KalturaError that it ended with


def new(object_type: str, **fields: Any) -> Any:
    """A Kaltura object of this class with these fields set; the rest is left alone."""
    for plugin in _MODULES:
        if made := getattr(plugin, object_type, None):
            thing = made()
            numbers = _number_enums(made)
            for name, value in fields.items():
                setattr(thing, name, int(value) if name in numbers else value)
            return thing
    raise LookupError(f"The Kaltura client knows no class {object_type}.")


@cache
def _number_enums(made: type) -> frozenset[str]:
    """The properties of a class that the client takes only as ints: its numeric enums."""
    return frozenset(
        name
        for parent in made.__mro__
        for name, loader in getattr(parent, "PROPERTY_LOADERS", {}).items()
        if isinstance(loader, tuple) and loader[0] is KalturaEnumsFactory.createInt
    )


def is_set(value: object) -> bool:
    """Whether a property was in the reply; an absent one stays NotImplemented."""
    return value is not NotImplemented and value is not None


def wire(value: Any) -> str:
    """A property's value as text: enums by their value, booleans as 1 and 0."""
    if not is_set(value):
        return ""
    if hasattr(value, "getValue"):
        value = value.getValue()
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value)


@cache
def _plugins() -> tuple[Any, ...]:
    """The plugins that the published client finds in its folder, whose classes it then knows.

    It looks for all 125 whenever a client is made, which takes longer than many a sync.
    """
    found: list[Any] = []

    class Finder(KalturaClient):  # type: ignore[misc]
        def registerPluginServices(self, plugin: Any) -> None:
            found.append(plugin)

    Finder(KalturaConfiguration())
    return tuple(found)


class GuardedClient(KalturaClient):  # type: ignore[misc]
    """The published client with a strict parser and an honest transport."""

    multiRequestReturnType: Any  # of the calls that wait to be sent, what each answers

    def __init__(self, config: Any, session: requests.Session, timeout_s: float) -> None:
        super().__init__(config)
        self.parser = etree.XMLParser(
            encoding="UTF-8", recover=False, resolve_entities=False, no_network=True
        )
        self._session, self._timeout = session, (CONNECT_TIMEOUT_S, timeout_s)

    def loadPlugins(self) -> None:
        for plugin in _plugins():
            self.registerPluginServices(plugin)

    def openRequestUrl(
        self, url: str, params: Any, files: Any, requestHeaders: Any, requestTimeout: Any
    ) -> requests.Response:
        """Post one request. Raises RemoteUnavailable for everything but a 2xx answer."""
        try:
            response = self._post(url, params, files)
        except requests.RequestException as error:
            raise RemoteUnavailable(_reason(error), sent=not _never_sent(error)) from error
        if not response.ok:
            raise RemoteUnavailable(
                f"HTTP {response.status_code}",
                sent=response.status_code >= 500,
                retry_after_s=_retry_after(response),
            )
        return response

    def answers(self, requests_: Sequence[Request]) -> list[Any]:
        """Send the multirequest that these were called for; what each answered, in their order.

        Raises RemoteUnavailable when an answer is missing.
        """
        kinds, nodes = self.multiRequestReturnType, self.doQueue()
        self.multiRequestReturnType = None
        if len(nodes) != len(requests_):
            raise RemoteUnavailable("an incomplete answer", sent=True)
        asked = zip(requests_, kinds, nodes, strict=True)
        return [self._parsed(r.as_row or r.write, kind, node) for r, kind, node in asked]

    def _parsed(self, as_row: bool, kind: Any, node: Any) -> Any:
        error = self.getExceptionIfError(node)
        if error is not None or as_row:
            return value_of(node) if error is None else error
        if node.find("objectType") is not None:
            return KalturaObjectFactory.create(node, kind)
        if node.find("item/objectType") is not None:
            return KalturaObjectFactory.createArray(node, kind)
        return node.text or ""

    def _post(self, url: str, params: Any, files: Any) -> requests.Response:
        if not files:
            # The content type must be exactly this: Kaltura ignores the body otherwise.
            headers = {"Accept": "text/xml", "Content-Type": "application/json"}
            return self._session.post(
                url, json=params.get(), headers=headers, timeout=self._timeout
            )
        encoder = MultipartEncoder(fields={"json": params.toJson(), **files})
        headers = {"Accept": "text/xml", "Content-Type": encoder.content_type}
        return self._session.post(url, data=encoder, headers=headers, timeout=self._timeout)


def _never_sent(error: requests.RequestException) -> bool:
    """Whether the request certainly never left: no connection was made."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)


def _reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    return "connection refused" if _never_sent(error) else "connection lost"


def _retry_after(response: requests.Response) -> float | None:
    """``Retry-After`` in seconds, written as a number or a date; None when absent or unreadable."""
    value = response.headers.get("Retry-After", "")
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - timezone.now()).total_seconds())
    except (TypeError, ValueError):
        return None


def thread_connections() -> requests.Session:
    """This thread's connections. Connecting is tried again, nothing else ever is.

    Whoever ends the thread closes them.
    """
    if not hasattr(_local, "session"):
        _local.session = requests.Session()
        retry = Retry(
            total=None, connect=2, read=0, status=0, redirect=0, other=0, backoff_factor=0.05
        )
        adapter = requests.adapters.HTTPAdapter(max_retries=retry)
        _local.session.mount("http://", adapter)
        _local.session.mount("https://", adapter)
    session: requests.Session = _local.session
    return session


class Kaltura:
    """A conversation with the account: one KS, minted when first needed, and a count of calls."""

    def __init__(self) -> None:
        self.calls = 0
        self.writes = 0
        self._client: Any = None

    def ask(self, requests_: Sequence[Request]) -> list[Answer]:
        """Make these calls, 25 to an HTTP request; answers in their order.

        A call's own refusal is its answer. Raises RemoteUnavailable when an HTTP request
        has no usable answer: then its writes, and only its, may have been done.
        """
        return [a for chunk in chunks(requests_, BATCH) for a in self.ask_once(chunk)]

    def ask_once(self, requests_: Sequence[Request]) -> list[Answer]:
        """As ``ask``, for at most 25 calls in exactly one HTTP request (two if the KS ran out)."""
        answers = self._multirequest(requests_)
        expired = [i for i, answer in enumerate(answers) if _wants_new_ks(answer)]
        if expired:
            self._client = None
            again = self._multirequest([requests_[i] for i in expired])
            for i, answer in zip(expired, again, strict=True):
                answers[i] = answer
        return answers

    def one(self, call: Callable[[Any], object], *, as_row: bool = False) -> Any:
        """Make one reading call; raises what it ended with."""
        answer = self.ask_once([Request(call, as_row=as_row)])[0]
        if isinstance(answer, KalturaError):
            raise answer
        return answer

    def _multirequest(self, requests_: Sequence[Request]) -> list[Answer]:
        client = self._client or self._connect()
        self._client = None  # given back only after a clean end
        client.startMultiRequest()
        for request in requests_:
            request.call(client)
        self.calls += 1
        self.writes += sum(request.write for request in requests_)
        try:
            answers = [_answer(raw) for raw in _read(lambda: client.answers(requests_))]
        except RemoteRejected as refused:
            answers = [refused] * len(requests_)
        self._client = client
        return answers

    def _connect(self) -> Any:
        client = _bare_client()
        client.setKs(_sync_ks(client))
        return client


def openly(call: Callable[[Any], object], *, as_account: bool = False) -> Any:
    """Make one call that needs no KS, before there is one; raises what it ended with.

    It names our account only when asked to: of an account that it does not know, Kaltura
    refuses even these calls.
    """
    client = _bare_client(as_account=as_account)
    return _read(lambda: call(client))


@dataclass(frozen=True)
class AppToken:
    """An account's application token. The token itself stays out of every representation."""

    partner_id: int
    token_id: str
    token: str = field(repr=False)


@dataclass(frozen=True)
class ForeignCaller:
    """Who calls in another account than the portal's: with that account's KS, and its own tag.

    ``tag`` is added to the client's own, by which Kaltura tells programs apart.
    """

    partner_id: int
    ks: str = field(repr=False)
    tag: str = ""


def call_as(caller: ForeignCaller, call: Callable[[Any], object], *, profile: str = "") -> Any:
    """Make one call that answers with an object; raises what it ended with.

    ``profile`` names a response profile. It is for this call only, for the client goes with it:
    the published one would send it with every later call.
    """
    client = _bare_client(as_account=False)
    client.setPartnerId(caller.partner_id)
    client.setKs(caller.ks)
    if caller.tag:
        client.setClientTag(f"{client.getClientTag()}_{caller.tag}")
    if profile:
        client.setResponseProfile(new("KalturaResponseProfileHolder", systemName=profile))
    answer = _answer(_read(lambda: call(client)))
    if isinstance(answer, KalturaError):
        raise answer
    if answer is None:
        # Plain text where an object should be, such as a gateway's words.
        raise RemoteUnavailable("an answer that cannot be read", sent=True)
    return answer


def session_by_token(token: AppToken, user_id: str, tag: str) -> Any:
    """A KS by application token, with its ``privileges``; raises what the call ended with."""
    client = _bare_client(as_account=False)
    client.setPartnerId(token.partner_id)
    client.setClientTag(f"{client.getClientTag()}_{tag}")
    return _app_token_session(client, token, user_id)


def _bare_client(*, as_account: bool = True) -> Any:
    config = KalturaConfiguration(serviceUrl=settings.KALTURA_SERVICE_URL)
    client = GuardedClient(config, thread_connections(), settings.KALTURA_TIMEOUT_S)
    if as_account:
        client.setPartnerId(settings.KALTURA_PARTNER_ID)
    return client


def _sync_ks(client: Any) -> str:
    """The ADMIN KS of the sync: minted here, or through the application token."""
    if ks.can_mint():
        return ks.sync_admin_ks()
    if not settings.KALTURA_APP_TOKEN_ID:
        raise CredentialsMissing(
            "Set KALTURA_ADMIN_SECRET, or KALTURA_APP_TOKEN_ID and KALTURA_APP_TOKEN."
        )
    return _app_token_ks(client)


def _app_token_ks(client: Any) -> str:
    token = AppToken(
        settings.KALTURA_PARTNER_ID, settings.KALTURA_APP_TOKEN_ID, settings.KALTURA_APP_TOKEN
    )
    return str(_app_token_session(client, token).ks)


def _app_token_session(client: Any, token: AppToken, user_id: str = "") -> Any:
    """A session by application token: a widget session first, whose KS goes into the hash.

    Only the token's maker knows its hash; Kaltura refuses a wrong one, so try in turn.
    """
    widget = _read(lambda: client.session.startWidgetSession(f"_{token.partner_id}"))
    client.setKs(widget.ks)
    text = (widget.ks + token.token).encode()
    refused: RemoteRejected | None = None
    for name in ("sha256", "sha1", "sha512", "md5"):
        digest = hashlib.new(name, text).hexdigest()
        try:
            return _read(partial(_start_session, client, token.token_id, digest, user_id))
        except RemoteRejected as error:
            if error.code != "INVALID_APP_TOKEN_HASH":
                raise
            refused = error
    raise refused or CredentialsMissing("The application token has no known hash.")


def _start_session(client: Any, token_id: str, digest: str, user_id: str) -> Any:
    if not user_id:
        return client.appToken.startSession(token_id, digest)
    return client.appToken.startSession(token_id, digest, user_id)


def _read(call: Callable[[], Any]) -> Any:
    """Run a client call, turning the vendor's errors into ours.

    AttributeError and TypeError are how the client fails on a reply that is no XML or
    lacks a node.
    """
    try:
        return call()
    except KalturaException as error:
        # Its own text would show in a traceback.
        raise _refused(error) from None
    except (KalturaClientException, etree.ParseError, AttributeError, TypeError) as error:
        raise RemoteUnavailable("an answer that cannot be read", sent=True) from error
    except requests.RequestException as error:
        raise RemoteUnavailable(_reason(error), sent=True) from error


def _refused(error: KalturaException) -> RemoteRejected:
    """Kaltura's refusal. Its text may hold our KS, so it comes no further than this."""
    return RemoteRejected(mask_secrets(str(error.code)), mask_secrets(str(error.message)))


def _answer(raw: Any) -> Answer:
    if isinstance(raw, KalturaException):
        return _refused(raw)
    if isinstance(raw, str) and raw.endswith("was rate limited"):
        return RemoteUnavailable("our calls are rate limited", sent=False)
    return raw


def _wants_new_ks(answer: Answer) -> bool:
    return isinstance(answer, RemoteRejected) and answer.error_class is ErrorClass.NEW_KS


def chunks(things: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (things[i : i + size] for i in range(0, len(things), size))
