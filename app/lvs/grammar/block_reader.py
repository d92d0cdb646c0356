"""A virtual or failover block, line by line, with the server blocks inside it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.lvs.grammar.lexer import lead_of
from app.lvs.grammar.line import Role
from app.lvs.grammar.section import Cursor
from app.lvs.grammar.statement import LineCache, Statement
from app.lvs.keywords.table import DEFAULT_PORT
from app.lvs.model.config import RealServer, VirtualServer
from app.lvs.model.keyword import BlockKind
from app.lvs.model.layout import SourceText
from app.lvs.model.problem import Path


class VirtualReading:
    """One block being read."""

    def __init__(
        self,
        place: BlockKind,
        vocabularies: Mapping[BlockKind, LineCache],
        cursor: Cursor,
        *,
        is_latin1: bool = False,
    ) -> None:
        self._is_latin1 = is_latin1
        self._place = place
        self._own = vocabularies[place]
        self._servers_own = vocabularies[BlockKind.SERVER]
        self._cursor = cursor
        self._fields: dict[str, Any] = {}
        self._servers: list[RealServer] = []
        self._server_lines: list[int] = []
        self._ports: list[int] = []
        self._pieces: list[str] = []
        self._begun = 0
        self._floor = 1
        self.is_closed = False

    def read(self, header: Statement, lead: str) -> VirtualServer:
        """Read the block whose header is the current line; the cursor is behind the block then."""
        cursor, lines = self._cursor, self._cursor.lines
        if header.is_notable:
            cursor.note(header, True, (), cursor.at)
        cursor.at += 1
        while cursor.at < len(lines) and not self.is_closed:
            self._line(self._own[lines[cursor.at]])
        self._pieces.append("".join(lines[self._begun : cursor.at]))
        self._pieces[0] = lead + self._pieces[0]
        layout = SourceText(
            self._place,
            tuple(self._pieces),
            (BlockKind.SERVER,) * len(self._servers),
            self._fields,
            header.name,
            self.is_closed,
            self._imply_ports(),
            self._is_latin1,
        )
        return VirtualServer(name=header.name, **self._fields, server=tuple(self._servers), layout=layout)

    def _line(self, statement: Statement) -> None:
        cursor, role = self._cursor, statement.role
        if statement.is_notable:
            cursor.note(statement, True, (), cursor.at)
        if role is Role.OPEN and statement.word == "server":
            self._server(statement)
            return
        if role is Role.OPEN or role is Role.OPEN_UNKNOWN:
            cursor.skip_unknown_block()
            self._floor = cursor.at
            return
        if statement.value is not None:
            if statement.word in self._fields:
                cursor.warn_again(statement, (), cursor.at)
            self._fields[statement.word] = statement.value
        elif role is Role.CLOSE:
            self.is_closed = True
        cursor.at += 1
        if role is not Role.BLANK:
            self._floor = cursor.at

    def _server(self, header: Statement) -> None:
        cursor = self._cursor
        lead_at = lead_of(cursor.lines, self._floor, cursor.at)
        self._pieces.append("".join(cursor.lines[self._begun : lead_at]))
        self._ports.append(self._fields.get("port", DEFAULT_PORT))
        self._server_lines.append(cursor.at)
        self._servers.append(self._server_block(header, lead_at))
        self._begun = self._floor = cursor.at

    def _server_block(self, header: Statement, lead_at: int) -> RealServer:
        cursor, lines, vocabulary = self._cursor, self._cursor.lines, self._servers_own
        opened, size = cursor.at, len(lines)
        path: Path = ("server", len(self._servers))
        fields: dict[str, Any] = {}
        is_closed = False
        at = opened + 1
        while at < size and not is_closed:
            statement = vocabulary[lines[at]]
            role = statement.role
            if role is Role.OPEN:
                break
            if statement.is_notable:
                cursor.note(statement, True, path, at)
            if statement.value is not None:
                if statement.word in fields:
                    cursor.warn_again(statement, path, at)
                fields[statement.word] = statement.value
            elif role is Role.CLOSE:
                is_closed = True
            elif role is Role.OPEN_UNKNOWN:
                cursor.at = at
                cursor.skip_unknown_block()
                at = cursor.at
                continue
            at += 1
        cursor.at = at
        if not is_closed and at < size:
            message = "this server block is not closed before the next one begins; write } at its end"
            cursor.refuse(True, path, opened, 0, message)
        layout = SourceText(BlockKind.SERVER, ("".join(lines[lead_at:at]),), (), fields, header.name, is_closed)
        return RealServer(name=header.name, **fields, layout=layout)

    def _imply_ports(self) -> tuple[int | None, ...]:
        """Give servers that stand before the virtual server's port the port they had there; return these ports."""
        final = self._fields.get("port", DEFAULT_PORT)
        if all(port == final for port in self._ports):
            return ()
        for number, port in enumerate(self._ports):
            server = self._servers[number]
            if port != final and server.port is None:
                self._servers[number] = _with_implied_port(server, port)
                message = (
                    f"server {server.name} comes before port = {final} and therefore has port {port}, as in "
                    "Piranha; move the port line above the servers if this is not intended"
                )
                path: Path = ("server", number, "port")
                self._cursor.warn(True, path, self._server_lines[number], 0, message)
        return tuple(None if port == final else port for port in self._ports)


def _with_implied_port(server: RealServer, port: int) -> RealServer:
    layout = server.layout
    assert layout is not None  # noqa: S101 - it was just read
    values = {**layout.values, "port": port}
    return replace(server, port=port, layout=replace(layout, values=values, implied_ports=(port,)))
