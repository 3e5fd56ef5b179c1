"""Whether a request is one that Kaltura's API knows, by the published client's own classes.

The client is generated from Kaltura's schema: what an action takes and what a class may
send stands in the code that writes it to the wire. Nothing here is shared with the local
Kaltura, which reads the client's stubs.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator, Mapping
from functools import cache
from types import ModuleType
from typing import Any

_WRITTEN = re.compile(r'kparams\.add(\w+?)IfDefined\("(\w+)"')
_FILE = re.compile(r'"(\w+)": ')
_CALL = re.compile(r'queueServiceActionCall\("(\w+)", "(\w+)"')
# What every request carries, whatever it asks.
COMMON = frozenset(
    "ks partnerId clientTag apiVersion format kalsig responseProfile service action".split()
)
_NULL, _EMPTY = "__null", {"-": ""}
_LOOKS = {
    "Int": re.compile(r"-?\d+"),
    "Float": re.compile(r"-?\d+(\.\d+)?"),
    # Kaltura reads them in any case (KalturaRequestDeserializer), and the client writes True.
    "Bool": re.compile(r"0|1|true|false", re.IGNORECASE),
}


def complaints(request: Mapping[Any, Any], path: str = "") -> list[str]:
    """What is wrong with one HTTP request, a sentence each; ``path`` when it names the action."""
    subs = [value for key, value in request.items() if str(key).isdigit()]
    if not subs and "service" not in request:
        found = re.search(r"/service/(\w+)/action/(\w+)", path)
        subs = [{**request, "service": found[1], "action": found[2]}] if found else [request]
    return [line for sub in subs or [request] for line in _of_call(sub)]


def _of_call(call: Mapping[str, Any]) -> Iterator[str]:
    service, action = str(call.get("service", "")), str(call.get("action", ""))
    known = parameters(service.lower(), action)
    name = f"{service}.{action}"
    if known is None:
        yield f"{name}: Kaltura has no such action"
        return
    for key, value in call.items():
        if key not in COMMON:
            yield from _of_value(f"{name} {key}", known.get(key.removesuffix(_NULL)), key, value)


def _of_value(where: str, kind: str | None, key: str, value: Any) -> Iterator[str]:
    if kind is None:
        yield f"{where}: there is no such name"
    elif key.endswith(_NULL):
        return
    elif isinstance(value, Mapping):
        yield from _of_object(where, value) if value != _EMPTY else ()
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _of_object(f"{where}[{number}]", item)
    elif kind in ("Object", "Array", "Map") or (
        kind in _LOOKS and not _LOOKS[kind].fullmatch(str(value))
    ):
        yield f"{where}: {value!r} is no {kind.lower()}"


def _of_object(where: str, sent: Mapping[str, Any]) -> Iterator[str]:
    name = str(sent.get("objectType", ""))
    made = classes().get(name)
    if made is None:
        yield f"{where}: there is no class {name!r}"
        return
    known, enums = properties(made), enumerations(made)
    for key, value in sent.items():
        bare = key.removesuffix(_NULL)
        if key == "objectType":
            continue
        if bare not in known:
            flag = "is read-only" if hasattr(made(), bare) else "is unknown"
            yield f"{where} {name}.{bare} {flag}"
            continue
        yield from _of_value(f"{where} {name}.{bare}", known[bare], key, value)
        if bare in enums and key == bare and str(value) not in enums[bare]:
            yield f"{where} {name}.{bare}: {value!r} is none of its values"


def unsendable(thing: Any) -> list[str]:
    """Properties set on an object that its class never sends: unknown, or read-only."""
    known = {*properties(type(thing)), "relatedObjects"}
    return [
        f"{type(thing).__name__}.{name} is set, but Kaltura takes none"
        for name, value in vars(thing).items()
        if value is not NotImplemented and name not in known
    ]


# The client's classes


@cache
def modules() -> dict[str, ModuleType]:
    """The client's plugins by their name in small letters; Kaltura's own is ``core``."""
    package = importlib.import_module("KalturaClient.Plugins")
    names = [info.name for info in pkgutil.iter_modules(package.__path__)]
    return {n.lower(): importlib.import_module(f"KalturaClient.Plugins.{n}") for n in names}


@cache
def classes() -> dict[str, type]:
    return {
        name: thing
        for module in modules().values()
        for name, thing in vars(module).items()
        if inspect.isclass(thing) and hasattr(thing, "toParams")
    }


@cache
def parameters(service: str, action: str) -> dict[str, str] | None:
    """An action's parameters with their kinds, by the wire names; None when there is none."""
    plugin, _, name = service.rpartition("_")
    module = modules().get(plugin or "core")
    wanted = f"kaltura{name}service"
    desk = next((c for n, c in vars(module).items() if n.lower() == wanted), None)
    method = getattr(desk, action, None)
    if method is None:
        return None
    source = inspect.getsource(method)
    called = _CALL.search(source)
    if called is None or (called[1], called[2]) != (service, action):
        return None
    files = source.partition("kfiles = ")[2].partition("\n")[0]
    written = {name: kind for kind, name in _WRITTEN.findall(source)}
    return written | dict.fromkeys(_FILE.findall(files), "File")


@cache
def properties(made: type) -> dict[str, str]:
    """The properties that a class sends, with their kinds; read-only ones are not among them."""
    found: dict[str, str] = {}
    for part in made.__mro__:
        if "toParams" in vars(part):
            written = _WRITTEN.findall(inspect.getsource(vars(part)["toParams"]))
            found |= {name: kind for kind, name in written}
    return found


@cache
def enumerations(made: type) -> dict[str, frozenset[str]]:
    """The values of a class's enumerations, as text, by property."""
    loaders: dict[str, Any] = {}
    for part in made.__mro__:
        loaders |= vars(part).get("PROPERTY_LOADERS", {})
    named = {n: loader[1] for n, loader in loaders.items() if isinstance(loader, tuple)}
    return {name: values for name, kind in named.items() if (values := values_of(kind))}


@cache
def values_of(name: str) -> frozenset[str]:
    """The values of an enumeration; none for other classes."""
    for module in modules().values():
        made = getattr(module, name, None)
        if made is not None and hasattr(made, "getValue"):
            constants = (v for n, v in vars(made).items() if n.isupper())
            return frozenset(str(value) for value in constants)
    return frozenset()
