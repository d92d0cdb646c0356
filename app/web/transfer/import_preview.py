"""The preview of an import: what changes, what cannot be kept, what Piranha cannot read."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from app.host.names import PatientNames
from app.lvs.grammar.writer import render
from app.lvs.keywords.secret_keys import covered_line
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.piranha.compatibility import beyond_piranha
from app.store.config.matching import matched
from app.web.change.incoming import Incoming, IncomingForm
from app.web.change.summary import differing
from app.web.change.text_diff import difference, lines_of_file
from app.web.frame.badges import DOWN, INFO, UP, Badge

NOTHING = Config()
ADDED, CHANGED, REMOVED = Badge(UP, "added"), Badge(INFO, "changed"), Badge(DOWN, "removed")
SHOWN_MAX = 200

_SERIAL = re.compile(rb"^[ \t]*serial_no[ \t]*=.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class PreviewItem:
    """A change that the import makes; the badge holds the verb."""

    badge: Badge
    text: str


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """The effect of an import; `not_kept` is a difference, `beyond` the lines that Piranha cannot read."""

    items: list[PreviewItem]
    more_items: int
    difference: list[str]
    not_kept: list[str]
    loses_comments: bool
    beyond: list[tuple[int, str, str]]


def preview_import(incoming: Incoming, config: Config, now: Config, serial_no: int) -> ImportPreview:
    """Return the effect of replacing the configuration `now`, of serial `serial_no`, with `config`."""
    before = render(now) if serial_no else b""
    after = render(replace(config, serial_no=serial_no + 1))
    items = list(_items(now if serial_no else NOTHING, config))
    if not items and _without_serial(before) != _without_serial(after):
        items = [PreviewItem(CHANGED, "only comments, white space or the order of lines")]
    is_lvs_cf = incoming.form is IncomingForm.LVS_CF
    return ImportPreview(
        items[:SHOWN_MAX],
        max(0, len(items) - SHOWN_MAX),
        difference(before, after, f"serial {serial_no}" if serial_no else "nothing yet", "after the import"),
        _not_kept(incoming.data, after) if is_lvs_cf else [],
        not is_lvs_cf and any(line.lstrip().startswith("#") for line in lines_of_file(before)),
        marked(after, beyond_piranha(config, PatientNames())),
    )


def marked(written: bytes, beyond: Sequence[tuple[int, str]]) -> list[tuple[int, str, str]]:
    """Return the lines of the file `written` that are in `beyond`: number, text, reason."""
    lines = lines_of_file(written)
    shown = {number: covered_line(lines[number - 1]) for number, _ in beyond if number <= len(lines)}
    return [(number, shown.get(number, ""), reason) for number, reason in beyond]


def _not_kept(data: bytes, after: bytes) -> list[str]:
    # The store counts the serial itself, so the one in the file is expected to differ.
    old, new = _without_serial(data), _without_serial(after)
    return [] if old == new else difference(old, new, "the file", "as it will be written")


def _without_serial(data: bytes) -> bytes:
    return _SERIAL.sub(b"", data)


def _items(now: Config, after: Config) -> Iterator[PreviewItem]:
    settings = differing(replace(now, serial_no=None), replace(after, serial_no=None))
    if settings:
        yield PreviewItem(CHANGED, f"global settings: {', '.join(settings)}")
    pairs = matched(now.virtual, [virtual.name for virtual in now.virtual], after.virtual)
    kept = [id(old) for old, _ in pairs if old is not None]
    yield from (PreviewItem(REMOVED, _described(gone)) for gone in now.virtual if id(gone) not in kept)
    for old, new in pairs:
        if old is None:
            yield PreviewItem(ADDED, _described(new))
        elif words := _virtual_changes(old, new):
            yield PreviewItem(CHANGED, words)
    if kept != [id(virtual) for virtual in now.virtual if id(virtual) in set(kept)]:
        yield PreviewItem(CHANGED, "the order of the virtual servers")
    if now.failover != after.failover:
        yield PreviewItem(CHANGED, f"failover services: {len(now.failover)} → {len(after.failover)}")


def _described(virtual: VirtualServer) -> str:
    address = virtual.address.address if virtual.address else "no address"
    count = len(virtual.server)
    status = "up" if virtual.active else "down"
    return f"{virtual.name} ({address}, {status}), {count} real {'server' if count == 1 else 'servers'}"


def _virtual_changes(old: VirtualServer, new: VirtualServer) -> str:
    """Return what differs, empty when nothing does."""
    own = differing(old, new)
    words = [*([", ".join(own)] if own else []), *_server_changes(old.server, new.server)]
    return f"{new.name}: {'; '.join(words)}" if words else ""


def _server_changes(old: tuple[RealServer, ...], new: tuple[RealServer, ...]) -> Iterator[str]:
    pairs = matched(old, [server.name for server in old], new)
    kept = {id(before) for before, _ in pairs if before is not None}
    yield from (f"real server {server.name} removed" for server in old if id(server) not in kept)
    for before, after in pairs:
        if before is None:
            yield f"real server {after.name} added"
        elif before != after:
            yield f"real server {after.name}: {', '.join(differing(before, after))}"
