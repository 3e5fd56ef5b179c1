"""Generates ``schema.json`` from the installed Kaltura client.

The client is generated from Kaltura's own schema: its stubs name every property,
enumeration and action with their types, and its comments say which properties are
read-only or insert-only. ``python -m kaltura_simulator.api.build_schema`` writes
the table again after the client was upgraded; a test holds the two together.
"""

from __future__ import annotations

import importlib.util
import json
import keyword
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("schema.json")

#: The services in the table, as the client names their classes.
SERVICES = (
    "AccessControlProfile AccessControl AppToken AttachmentAsset BaseEntry CaptionAsset"
    " CaptionAssetItem Category CategoryEntry CategoryUser ConversionProfile CuePoint Data"
    " ESearch EntryVendorTask EventNotificationTemplate FlavorAsset Group GroupUser LiveReports"
    " LiveStream Media Metadata MetadataProfile Partner Permission Playlist ReachProfile Report"
    " ResponseProfile Room ScheduleEvent ScheduleEventResource ScheduleResource Session System"
    " ThumbAsset UiConf UploadToken User UserRole VendorCatalogItem VirtualEvent Widget"
).split()
_CLASS = re.compile(r"^class (\w+)\((\w+)\):$")
_CONSTANT = re.compile(r"^    ([A-Z][A-Z0-9_]*) = (.+)$")
_PROPERTY = re.compile(r"^    (\w+): (.+)$")
_ACTION = re.compile(r"^    def (\w+)\(self(?:, )?(.*)\) -> (.+): \.\.\.$")
_PARAMETER = re.compile(r"(\w+): ((?:List\[\w+\]|IO\[Any\]|[^,=]+?))(?: = ([^,]+))?(?:, |$)")
_ASSIGNED = re.compile(r"^        self\.(\w+) = \1$")
_CALL = re.compile(r'queueServiceActionCall\("([\w]+)", "(\w+)"')

Table = dict[str, Any]


def client_folder() -> Path:
    """The folder of the installed client; it is read, never imported."""
    found = importlib.util.find_spec("KalturaClient")
    if found is None or not found.submodule_search_locations:
        raise SystemExit("KalturaApiClient is not installed.")
    return Path(found.submodule_search_locations[0])


def build() -> Table:
    """The whole table."""
    plugins = sorted((client_folder() / "Plugins").glob("*.pyi"))
    classes: Table = {}
    enums: Table = {}
    services: Table = {}
    for stub in plugins:
        _read_stub(stub, classes, enums, services)
    for stub in plugins:
        source = stub.with_suffix(".py").read_text(encoding="utf-8")
        _read_flags(source, classes)
        _read_wire_names(source, services)
    return _wanted(classes, enums, services)


def _blocks(text: str) -> Iterator[tuple[str, str, list[str]]]:
    """(class, base, body lines) for each class of a file."""
    name = base = ""
    body: list[str] = []
    for line in text.splitlines():
        found = _CLASS.match(line)
        if found or (line and not line[0].isspace() and not line.startswith("#")):
            if name:
                yield name, base, body
            name, base = (found[1], found[2]) if found else ("", "")
            body = []
        else:
            body.append(line)
    if name:
        yield name, base, body


def _read_stub(stub: Path, classes: Table, enums: Table, services: Table) -> None:
    for name, base, body in _blocks(stub.read_text(encoding="utf-8")):
        if base == "object":
            values = [json.loads(found[2]) for found in map(_CONSTANT.match, body) if found]
            enums[name] = values
        elif base == "KalturaServiceBase":
            actions = (found for found in map(_ACTION.match, body) if found)
            services[name] = {found[1]: _action(found[2], found[3]) for found in actions}
        elif name.startswith("Kaltura") and not base.endswith("Plugin"):
            found = [match for match in map(_PROPERTY.match, body) if match]
            props = {_wire_name(match[1]): [_type(match[2]), ""] for match in found}
            classes[name] = {"base": "" if base == "KalturaObjectBase" else base, "props": props}


def _wire_name(name: str) -> str:
    """``not_`` in Python is ``not`` on the wire."""
    plain = name.removesuffix("_")
    return plain if keyword.iskeyword(plain) else name


def _action(parameters: str, returns: str) -> Table:
    """Parameters as [name, type] when they are needed, [name, type, default] when not."""
    found = []
    for name, kind, default in _PARAMETER.findall(parameters):
        entry: list[Any] = [name, _type(kind)]
        if default:
            entry.append(None if default == "NotImplemented" else _literal(default))
        found.append(entry)
    return {"params": found, "returns": _type(returns)}


def _literal(text: str) -> Any:
    return {"True": True, "False": False}.get(text, None if text == "None" else _json(text))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _type(text: str) -> str:
    """``List[X]`` becomes ``[X]``; an array of unknown items is ``[]``."""
    text = text.strip().removeprefix("List")
    return "[]" if text == "[None]" else "file" if text.startswith("IO") else text


def _read_flags(source: str, classes: Table) -> None:
    """Mark read-only (r) and insert-only (i) properties from the comments above them."""
    for name, _, body in _blocks(source):
        if name not in classes:
            continue
        flags = ""
        for line in body:
            if "@readonly" in line:
                flags = "r"
            elif "@insertonly" in line:
                flags = "i"
            elif (found := _ASSIGNED.match(line)) and _wire_name(found[1]) in classes[name][
                "props"
            ]:
                classes[name]["props"][_wire_name(found[1])][1] = flags
                flags = ""


def _read_wire_names(source: str, services: Table) -> None:
    """Read each service's name on the wire from its calls."""
    for name, base, body in _blocks(source):
        calls = [found for found in map(_CALL.search, body) if found]
        if base == "KalturaServiceBase" and calls and name in services:
            services[name]["@wire"] = calls[0][1]


def _wanted(classes: Table, enums: Table, services: Table) -> Table:
    """The chosen services and every type that can be reached from them."""
    chosen: Table = {}
    for short in SERVICES:
        actions = dict(services[f"Kaltura{short}Service"])
        wire = actions.pop("@wire")
        chosen[wire] = {"name": short, "actions": actions}
    used = _reachable(chosen, classes)
    return {
        "classes": {name: classes[name] for name in sorted(used) if name in classes},
        "enums": {name: enums[name] for name in sorted(used) if name in enums},
        "services": dict(sorted(chosen.items())),
    }


def _reachable(services: Table, classes: Table) -> set[str]:
    children: dict[str, list[str]] = {}
    for name, described in classes.items():
        children.setdefault(described["base"], []).append(name)
    used: set[str] = set()
    todo = list(_service_types(services))
    while todo:
        name = todo.pop().strip("[]")
        if name in used:
            continue
        used.add(name)
        described = classes.get(name)
        if described:
            todo += [described["base"], *children.get(name, [])]
            todo += [kind for kind, _ in described["props"].values()]
    return used


def _service_types(services: Table) -> Iterable[str]:
    for service in services.values():
        for action in service["actions"].values():
            yield action["returns"]
            yield from (parameter[1] for parameter in action["params"])


def written(table: Table) -> str:
    """The table as text: one line per class, enumeration and service, for readable diffs."""
    parts = []
    for section, entries in table.items():
        compact = (
            f"{json.dumps(name)}:{json.dumps(value, separators=(',', ':'))}"
            for name, value in entries.items()
        )
        parts.append(f"{json.dumps(section)}:{{\n" + ",\n".join(compact) + "\n}")
    return "{" + ",\n".join(parts) + "}\n"


if __name__ == "__main__":
    TABLE.write_text(written(build()), encoding="utf-8")
