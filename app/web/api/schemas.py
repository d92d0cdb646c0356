"""JSON schemas: of lvs.cf's blocks, from the table of its keys; of reports and answers, from their types."""

import types
from collections.abc import Mapping
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

from app.accept.on_disk import OnDisk
from app.lvs.keywords.table import KEYWORDS
from app.lvs.model.keyword import BlockKind, Keyword, ValueKind
from app.lvs.reports.connections import ConnectionsReport
from app.lvs.reports.history import HistoryReport
from app.lvs.reports.past import EventsReport, PastTableReport
from app.lvs.reports.status import StatusReport
from app.web.api import documents
from app.web.api.resources.live import OWN_ADDRESS

Schema = dict[str, Any]

_PLAIN: Mapping[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
}
_ID: Schema = {"type": "integer", "description": "Never reused, and constant for the lifetime of the object."}
_DOCUMENTS = {
    "Error": documents.ErrorDocument,
    "Saved": documents.SavedDocument,
    "Services": documents.ServicesDocument,
    "Servers": documents.ServersDocument,
    "Events": EventsReport,
    "Traffic": HistoryReport,
    "PastTable": PastTableReport,
    "Plan": documents.PlanDocument,
    "History": documents.HistoryDocument,
    "Connections": ConnectionsReport,
}


def schemas() -> dict[str, Schema]:
    """Return every schema the API names."""
    found: dict[str, Schema] = {}
    for name, document in _DOCUMENTS.items():
        found[name] = _typed(document, found)
    found["Status"] = _status(found)
    virtual, server = _block(BlockKind.VIRTUAL), _block(BlockKind.SERVER)
    found |= {
        "VirtualServer": _with(virtual, {"id": _ID}),
        "RealServer": _with(server, {"id": _ID}),
        "VirtualServerPatch": _patch(_with(virtual, {"id": _ID})),
        "RealServerPatch": _patch(_with(server, {"id": _ID})),
        "NewRealServer": server,
        "NewVirtualServer": _with(virtual, {"server": _list("NewRealServer")}),
        "VirtualServers": _object(
            {
                "serial_no": _PLAIN[int],
                "virtual": {
                    "type": "array",
                    "items": _with(virtual, {"id": _ID, "server": _list("RealServer")}),
                },
            }
        ),
        "RealServers": _object({"serial_no": _PLAIN[int], "server": _list("RealServer")}),
        "Config": _with(
            _block(BlockKind.GLOBAL),
            {"virtual": _list("NewVirtualServer"), "failover": _list("NewVirtualServer")},
        ),
        "Order": _object({"until": _until(), "reason": {"type": ["string", "null"]}}, required=()),
        "Weight": _object({"weight": _key(KEYWORDS[BlockKind.SERVER]["weight"])}),
        "Adopted": _object(
            {
                "service": {
                    "type": "string",
                    "description": "As GET /api/plan names it: tcp 192.0.2.1:80, fwm 5.",
                },
                "name": {"type": "string", "description": "The name of the new virtual server."},
                "address": {
                    "type": "string",
                    "description": "The address of the service and the device, such as 192.0.2.1 eth0:1; not "
                    "required for an IPv4 firewall mark.",
                },
            },
            ("service", "name"),
        ),
        "Nothing": _object({}),
        "Anything": {"type": "object"},
    }
    return dict(sorted(found.items()))


def of_type(hint: Any, found: dict[str, Schema]) -> Schema:
    """Return the schema of a type of documents.py or report.py; objects go into `found` by their name."""
    if hint in _PLAIN:
        return _PLAIN[hint]
    if is_typeddict(hint):
        name = hint.__name__
        if name not in found:
            found[name] = {}
            found[name] = _typed(hint, found)
        return {"$ref": f"#/components/schemas/{name}"}
    match get_origin(hint):
        case origin if origin is Literal:
            return {"type": "string", "enum": list(get_args(hint))}
        case origin if origin in (Union, types.UnionType):
            return {"anyOf": [of_type(part, found) for part in get_args(hint)]}
        case origin if origin is list:
            return {"type": "array", "items": of_type(get_args(hint)[0], found)}
        case origin if origin is dict:
            return {"type": "object", "additionalProperties": of_type(get_args(hint)[1], found)}
        case origin if origin is NotRequired:
            return of_type(get_args(hint)[0], found)
    raise TypeError(f"{hint} has no schema")


def _typed(document: Any, found: dict[str, Schema]) -> Schema:
    hints = get_type_hints(document)
    properties = {name: of_type(hint, found) for name, hint in hints.items()}
    required = [name for name in properties if name in document.__required_keys__]
    description = " ".join((document.__doc__ or "").split())
    return _object(properties, required) | ({"description": description} if description else {})


def _status(found: dict[str, Schema]) -> Schema:
    hints = {name: hint for name, hint in get_type_hints(StatusReport).items() if name not in OWN_ADDRESS}
    properties = {name: of_type(hint, found) for name, hint in hints.items()}
    own: dict[str, Schema] = {
        "saved_serial": _PLAIN[int],
        "file": {"type": "string", "enum": [state.name.lower() for state in OnDisk]},
    }
    required = [*(name for name in properties if name in StatusReport.__required_keys__), *own]
    return _object(properties | own, required)


def _block(place: BlockKind) -> Schema:
    properties = {} if place is BlockKind.GLOBAL else {"name": _PLAIN[str]}
    properties |= {name: _key(keyword) for name, keyword in KEYWORDS[place].items()}
    return _object(properties, () if place is BlockKind.GLOBAL else ("name",))


def _key(keyword: Keyword) -> Schema:
    about = " ".join(f"{keyword.label}. {keyword.help}".split())
    if keyword.low is not None or keyword.high is not None:
        about += f" Accepted: {keyword.low} to {keyword.high}{f' {keyword.unit}' if keyword.unit else ''}."
    return {**_value(keyword), "description": about}


def _value(keyword: Keyword) -> Schema:
    words = [str(word) for word in keyword.choices] if keyword.choices else []
    match keyword.kind:
        case ValueKind.BOOLEAN:
            return {"type": "boolean"}
        case ValueKind.INTEGER | ValueKind.PORT:
            return {"type": "integer"}
        case ValueKind.CHOICE:
            return {"type": "string", "enum": words}
        case ValueKind.CHOICES:
            return {"type": "array", "items": {"type": "string", "enum": words}}
        case ValueKind.WORDS:
            return {"type": "array", "items": {"type": "string"}}
        case _:
            return {"type": "string"}


def _with(schema: Schema, more: dict[str, Schema]) -> Schema:
    return {**schema, "properties": {**more, **schema["properties"]}}


def _patch(schema: Schema) -> Schema:
    """Return the schema of a change: nothing is required, and null takes a key out."""
    properties = {
        name: part if name in ("id", "name") else {"anyOf": [part, {"type": "null"}]}
        for name, part in schema["properties"].items()
    }
    return _object(properties, ())


def _object(properties: dict[str, Schema], required: Any = None) -> Schema:
    needed = list(properties if required is None else required)
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return schema | ({"required": needed} if needed else {})


def _list(name: str) -> Schema:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}


def _until() -> Schema:
    return {
        "type": ["string", "null"],
        "description": "When it ends automatically, in UTC, such as 2026-01-31T22:00Z; if omitted, it does not.",
    }
