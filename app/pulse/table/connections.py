"""The control verb ``connections``: counts the kernel's connection table and returns the matching entries.

Requests run in a thread, one at a time, in bounded memory and time however long the table is, so that the event
loop is never blocked.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.host.ipvs.proc_connections import CONNECTION_FILE, ConnectionsUnreadable, read_pieces
from app.lvs.ipvs.connection_count import Count
from app.lvs.ipvs.connection_table import (
    Chosen,
    Connection,
    ConnectionFilter,
    address_of_word,
    chooser,
    connection_of,
    is_template,
    words_of,
)
from app.lvs.ipvs.next_server import NextServer, next_server_name, next_servers
from app.lvs.ipvs.service_names import address_text, read_endpoint, read_network, read_service
from app.lvs.ipvs.table import Table
from app.lvs.model.values import Address
from app.lvs.reports.connections import ROWS_MAX, TOP_MAX, ConnectionReport, ConnectionsReport, NextServerReport
from app.pulse.process.control import VerbRefused, read_arguments

LIMIT_S = 15.0
"""The time limit for reading the table. Kernels before 6.11 start from its beginning for each 4 kB of it."""
WAITING_MAX = 8
WORK_S = 0.004
BREATH_S = 0.0005
"""A pause after each WORK_S of work. Without it the reading thread starves the event loop for seconds: it releases
the interpreter lock at each read and takes it back before the loop has woken up to request it."""
TEMPLATES_MAX = 10_000


@dataclass(frozen=True, slots=True)
class ConnectionsArguments:
    """The arguments of the verb "connections": what the entries have to match, and how many to return at most."""

    service: str | None = None
    server: str | None = None
    client: str | None = None
    state: str | None = None
    limit: int = ROWS_MAX


class Connections:
    """Answers the verb; `table` returns the services that pulse read last."""

    def __init__(self, table: Callable[[], Table], path: Path = CONNECTION_FILE, limit_s: float = LIMIT_S) -> None:
        self._table = table
        self._path = path
        self._limit_s = limit_s
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def answer(self, request: Mapping[str, Any]) -> ConnectionsReport:
        """Return the entries `request` asks for; raise VerbRefused."""
        query, limit = _parse_request(request)
        if self._waiting >= WAITING_MAX:
            raise VerbRefused("too many requests are waiting for the connection table: try again in a few seconds")
        self._waiting += 1
        is_over = threading.Event()
        try:
            async with self._turn:
                return await asyncio.to_thread(self._read, query, limit, self._table(), is_over)
        except ConnectionsUnreadable as unreadable:
            raise VerbRefused(str(unreadable)) from unreadable
        finally:
            # The client may have hung up; the thread should not keep reading for nobody.
            is_over.set()
            self._waiting -= 1

    def _read(
        self, query: ConnectionFilter, limit: int, table: Table, is_over: threading.Event
    ) -> ConnectionsReport:
        began = time.monotonic()
        client = _single_client(query)
        matches = _Matches(chooser(query, table), limit, client)
        is_complete = True
        rested_at = began
        for lines in read_pieces(self._path):
            matches.take(lines)
            now = time.monotonic()
            if is_over.is_set() or now - began > self._limit_s:
                is_complete = False
                break
            if now - rested_at > WORK_S:
                time.sleep(BREATH_S)
                rested_at = time.monotonic()
        places = next_servers(client, table, matches.templates, query.service) if client is not None else ()
        return _report(matches, places, time.monotonic() - began, is_complete=is_complete)


class _Matches:
    """Collects the entries that match, at most `limit` of them, and the persistence templates of `client`."""

    def __init__(self, chosen: Chosen, limit: int, client: Address | None) -> None:
        self._chosen = chosen
        self._limit = limit
        self._has_client = client is not None
        self.count = Count()
        self.rows: list[Connection] = []
        self.templates: list[Connection] = []

    def take(self, lines: Iterable[bytes]) -> None:
        """Count the entries in `lines`, and keep those to be shown."""
        count, chosen, rows, templates = self.count, self._chosen, self.rows, self.templates
        for line in lines:
            words = words_of(line)
            if words is None or not count.take(words, chosen):
                continue
            if len(rows) < self._limit:
                rows.append(connection_of(words))
            if self._has_client and len(templates) < TEMPLATES_MAX and is_template(words):
                templates.append(connection_of(words))


def _report(
    matches: _Matches, places: Iterable[NextServer], took_s: float, *, is_complete: bool
) -> ConnectionsReport:
    count = matches.count
    return {
        "at": time.time(),
        "took_ms": round(took_s * 1000, 1),
        "entries": count.entries,
        "found": count.found,
        "templates": count.templates,
        "is_complete": is_complete,
        "rows": [_row(row) for row in matches.rows],
        "states": [
            {"state": word.decode("ascii", "replace"), "count": number}
            for word, number in count.states.most_common(TOP_MAX)
        ],
        "clients": [
            {"client": address_text(address_of_word(word)), "count": number}
            for word, number in count.clients.most(TOP_MAX)
        ],
        "servers": [
            {"server": address_text(address_of_word(word[:-5])), "port": int(word[-4:], 16), "count": number}
            for word, number in count.servers.most(TOP_MAX)
        ],
        "short_by": max(count.clients.short_by, count.servers.short_by),
        "next_servers": [_next_server_report(where) for where in places][:ROWS_MAX],
    }


def _parse_request(request: Mapping[str, Any]) -> tuple[ConnectionFilter, int]:
    asked = read_arguments(request, ConnectionsArguments)
    try:
        query = ConnectionFilter(
            service=read_service(asked.service) if asked.service else None,
            server=read_endpoint(asked.server) if asked.server else None,
            client=read_network(asked.client) if asked.client else None,
            state=asked.state or None,
        )
    except ValueError as error:
        raise VerbRefused(str(error)) from error
    return query, min(max(asked.limit, 0), ROWS_MAX)


def _single_client(query: ConnectionFilter) -> Address | None:
    network = query.client
    return network.network_address if network and network.prefixlen == network.max_prefixlen else None


def _row(connection: Connection) -> ConnectionReport:
    return {
        "protocol": connection.protocol,
        "client": address_text(connection.client),
        "client_port": connection.client_port,
        "virtual": address_text(connection.virtual),
        "virtual_port": connection.virtual_port,
        "server": address_text(connection.server),
        "server_port": connection.server_port,
        "state": connection.state,
        "expires_s": connection.expires_s,
        "engine": connection.engine,
        "engine_data": connection.engine_data,
        "is_template": connection.is_template,
        "fwmark": connection.fwmark,
    }


def _next_server_report(where: NextServer) -> NextServerReport:
    return {
        "service": next_server_name(where),
        "why": where.why,
        "server": address_text(where.server.address) if where.server else "",
        "port": where.server.port if where.server else 0,
        "expires_s": where.expires_s,
        "sentence": where.sentence,
    }
