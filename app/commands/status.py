"""`palometa status`: prints the state of pulse and the kernel's tables in ipvsadm's format, once or repeatedly."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from app.commands.failure import CommandFailed
from app.exit_codes import ExitCode
from app.host.control_client import ControlRefused, ControlUnreachable, ask
from app.lvs.ipvs.connection_table import connection_lines, connection_of_report
from app.lvs.model.printable import visible
from app.lvs.reports.connections import ConnectionsReport
from app.lvs.reports.pair import PairReport
from app.lvs.reports.status import StatusReport
from app.lvs.table_page.ipvsadm_tables import TABLES
from app.settings import Settings

CONNECTIONS_LIMIT_S = 28.0
"""Longer than pulse takes to read a large connection table, shorter than its socket's own time limit."""
_FILTERS = ("service", "server", "client", "state")
_CLEAR = "\x1b[H\x1b[2J"


def status(settings: Settings, options: argparse.Namespace) -> ExitCode:
    """Print the state or the requested table; return DIFFERS if the kernel differs from the file."""
    filters = {name: getattr(options, name) for name in _FILTERS if getattr(options, name)}
    if filters and options.table not in (None, "connections"):
        raise CommandFailed(f"--{next(iter(filters))} filters connections: use it with -c, not with another table")
    wants_connections = options.table == "connections" or bool(filters)

    def once() -> ExitCode:
        if wants_connections:
            return _connections(settings, filters, is_json=options.json)
        return _status(settings, options)

    return once() if options.watch is None else _watch(once, options.watch)


def watch_rates(settings: Settings, every_s: float) -> ExitCode:
    """Print the rates repeatedly, where there is no terminal to update in place."""
    options = argparse.Namespace(table="rate", json=False)
    return _watch(lambda: _status(settings, options), every_s)


def _watch(once: Callable[[], ExitCode], every_s: float) -> ExitCode:
    is_terminal = sys.stdout.isatty()
    while True:
        print(_CLEAR if is_terminal else "", end="" if is_terminal else "\n")
        try:
            once()
        except CommandFailed as failed:
            # Keep watching: pulse may come back.
            print(failed)
        sys.stdout.flush()
        time.sleep(every_s)


def _status(settings: Settings, options: argparse.Namespace) -> ExitCode:
    report: StatusReport = _ask(settings, "status", {}, 2.0)
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        _print(TABLES[options.table](report) if options.table else _lines(report))
    differs = report["refused"] or report["trouble"] or (report["applied"] and report["applied"]["remained"])
    return ExitCode.DIFFERS if differs else ExitCode.DONE


def _connections(settings: Settings, filters: dict[str, str], *, is_json: bool) -> ExitCode:
    report: ConnectionsReport = _ask(settings, "connections", filters, CONNECTIONS_LIMIT_S)
    if is_json:
        print(json.dumps(report, indent=2))
        return ExitCode.DONE
    _print(connection_lines([connection_of_report(row) for row in report["rows"]]))
    # On standard error, so that a script can read standard output as ipvsadm's.
    for line in _notes(report):
        print(line, file=sys.stderr)
    return ExitCode.DONE


def _notes(report: ConnectionsReport) -> Iterable[str]:
    if len(report["rows"]) < report["found"]:
        shown = f"{len(report['rows'])} of {report['found']} entries printed"
        yield f"{shown}; use --service, --server, --client or --state to narrow the list"
    if not report["is_complete"]:
        yield f"only {report['entries']} entries could be read within the time limit; there are more"
    for where in report["next_servers"]:
        yield f"{where['service']}: {where['sentence']}"


def _ask(settings: Settings, verb: str, arguments: dict[str, str], timeout_s: float) -> Any:
    try:
        return ask(settings.pulse_socket, verb, arguments, timeout_s)
    except (ControlUnreachable, ControlRefused) as failed:
        raise CommandFailed(str(failed)) from failed


def _print(lines: Iterable[str]) -> None:
    # Some quote what servers, keepalived and the partner said, which is no command to a terminal.
    for line in lines:
        print(visible(line))


def _lines(report: StatusReport) -> list[str]:
    since = _time(report["started_at"])
    lines = [f"pulse {report['version']} is running (pid {report['pid']}, since {since}) on {report['lvs_cf']}"]
    applied = report["applied"]
    if applied is not None:
        lines.append(
            f"applied {applied['serial_no']} at {_time(applied['at'])}: {applied['changes']} changes in "
            f"{applied['duration_ms']:.1f} ms"
        )
        lines.extend(f"not applied: {remained}" for remained in applied["remained"])
    elif not report["refused"]:
        lines.append(
            "no configuration yet: press ACCEPT on a page of the web part, or copy your lvs.cf to "
            f"{report['lvs_cf']}"
        )
    lines.extend(f"refused: {problem['line'] or '-'}: {problem['message']}" for problem in report["refused"])
    lines.extend(report["trouble"])
    lines.extend(pair_lines(report["pair"]))
    lines.extend(
        f"address {address['address']}/{address['prefix']} on {address['device']}: {address['state']}"
        f"{' (' + address['message'] + ')' if address['message'] else ''}"
        for address in report["addresses"]
    )
    lines.extend(
        f"server {server['name']} {server['address']} port {server['port']} of {server['virtual']}: "
        f"{server['state']} since {_time(server['since'])}: {server['message']}"
        for server in report["servers"]
        if server["state"] != "up"
    )
    return lines + report["ipvsadm"]


def pair_lines(pair: PairReport | None) -> Iterable[str]:
    """Yield the state of this router in the pair; nothing without a pair."""
    if pair is None:
        return
    partner = f", partner {pair['partner']}" if pair["partner"] else ""
    last = f": {pair['last']}" if pair["last"] else ""
    if pair["owners"]["sentence"]:
        yield f"pair: {pair['owners']['sentence']}"
    yield f"pair: {pair['role']} since {_time(pair['since'])}{partner}{last}"
    if pair["sync"]["role"]:
        yield f"sync daemon: {pair['sync']['role']}"
    yield from (text for text in (pair["trouble"], pair["sync"]["trouble"]) if text)


def _time(epoch_s: float) -> str:
    return datetime.fromtimestamp(epoch_s).astimezone().isoformat(" ", "seconds")
