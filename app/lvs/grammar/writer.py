"""A configuration becomes lvs.cf: as it stood in its file where it has a layout, else as Piranha wrote it.

Piranha's order and indentation, its keys first and ours after them, a key that is absent not written. What has
changed in a block that has a layout is put into its text by `revision.py`.
"""

from itertools import zip_longest

from app.lvs.grammar.canonical import fields_of, write_closing, write_opening, write_settings
from app.lvs.grammar.text_edit import Blocks, Written, joined, revised
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.keyword import BlockKind

_EMPTY = "# Nothing is configured.\n"
"""An empty file would be refused."""


def render(config: Config) -> bytes:
    """Return the whole file. Raises Unwritable where a text has a line end in it."""
    return Writer().render(config)


class Writer:
    """Writes a file again and again: the text of virtual servers that are the same objects is kept."""

    def __init__(self) -> None:
        self._known: dict[tuple[BlockKind, int], tuple[VirtualServer, Written]] = {}

    def render(self, config: Config) -> bytes:
        """Return the whole file. Raises Unwritable."""
        known: dict[tuple[BlockKind, int], tuple[VirtualServer, Written]] = {}
        blocks: list[tuple[BlockKind, Written]] = []
        for place, virtuals in ((BlockKind.FAILOVER, config.failover), (BlockKind.VIRTUAL, config.virtual)):
            for virtual in virtuals:
                key = (place, id(virtual))
                found = self._known.get(key) or (virtual, _write_virtual(place, virtual))
                known[key] = found
                blocks.append((place, found[1]))
        self._known = known
        return _encode(_write_config(config, blocks), config)


def _encode(text: str, config: Config) -> bytes:
    """Encode as the file was; Latin-1 only where nobody can take the result for UTF-8."""
    if config.layout is not None and config.layout.is_latin1 and not text.isascii():
        try:
            data = text.encode("latin-1")
            data.decode()
        except UnicodeEncodeError:
            return text.encode()
        except UnicodeDecodeError:
            return data
    return text.encode()


def _write_config(config: Config, blocks: Blocks) -> str:
    fields = fields_of(BlockKind.GLOBAL, config)
    if config.layout is not None:
        return revised(config.layout, "", fields, blocks).text or _EMPTY
    settings = Written(write_settings(BlockKind.GLOBAL, fields))
    return joined([settings, *(written for _, written in blocks)]).text or _EMPTY


def _write_virtual(place: BlockKind, virtual: VirtualServer) -> Written:
    fields = fields_of(place, virtual)
    layout = virtual.layout if virtual.layout is not None and virtual.layout.place is place else None
    ports = layout.implied_ports if layout is not None else ()
    is_as_read = _is_as_read(virtual, ports, layout is not None and layout.values.get("port") == virtual.port)
    servers = [(BlockKind.SERVER, _write_server(server, is_as_read)) for server in virtual.server]
    if layout is not None:
        has_moved_port = not is_as_read or layout.values.get("port") != virtual.port
        return revised(layout, virtual.name, fields, servers, has_moved_port=has_moved_port)
    opening = Written(write_opening(place, virtual.name) + write_settings(place, fields))
    return joined([opening, *(written for _, written in servers), Written(write_closing(place))])


def _is_as_read(virtual: VirtualServer, ports: tuple[int | None, ...], has_same_port: bool) -> bool:
    """Whether servers may go without the ports that the lines above them implied: nothing about these changed."""
    if ports and (not has_same_port or len(ports) != len(virtual.server)):
        return False
    return all(_is_implied(server, port) for server, port in zip_longest(virtual.server, ports))


def _is_implied(server: RealServer, port: int | None) -> bool:
    """Whether the server still says what it did, where one without port gets `port` (None: its virtual's)."""
    implied = server.layout.implied_ports if server.layout is not None else ()
    if port is None:
        return not implied
    return server.port is not None and implied in ((), (port,))


def _write_server(server: RealServer, is_as_read: bool) -> Written:
    fields = fields_of(BlockKind.SERVER, server)
    if server.layout is not None and server.layout.place is BlockKind.SERVER:
        return revised(server.layout, server.name, fields, [], has_moved_port=not is_as_read)
    text = write_opening(BlockKind.SERVER, server.name) + write_settings(BlockKind.SERVER, fields)
    return Written(text + write_closing(BlockKind.SERVER))
