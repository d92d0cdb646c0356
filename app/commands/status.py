"""`palometa status`: what pulse says of itself, and the table."""

import argparse
import json
from datetime import datetime

from app.commands.failure import CommandFailed
from app.exit_codes import ExitCode
from app.host.control_client import PulseRefused, PulseUnreachable, ask
from app.lvs.report import StatusReport
from app.settings import Settings


def status(settings: Settings, options: argparse.Namespace) -> ExitCode:
    """Print the state and the table; DIFFERS when the kernel is not equal to the file."""
    try:
        report: StatusReport = ask(settings.pulse_socket, "status")
    except (PulseUnreachable, PulseRefused) as failed:
        raise CommandFailed(str(failed)) from failed
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        for line in _lines(report):
            print(line)
    differs = report["refused"] or report["trouble"] or (report["applied"] and report["applied"]["remained"])
    return ExitCode.DIFFERS if differs else ExitCode.DONE


def _lines(report: StatusReport) -> list[str]:
    since = _time(report["started_at"])
    lines = [f"pulse {report['version']} is running (pid {report['pid']}, since {since}) on {report['lvs_cf']}"]
    applied = report["applied"]
    if applied is not None:
        lines.append(
            f"applied {applied['serial_no']} at {_time(applied['at'])}: {applied['changes']} changes in "
            f"{applied['duration_ms']:.1f} ms"
        )
        lines.extend(f"not done: {remained}" for remained in applied["remained"])
    lines.extend(f"refused: {problem['line'] or '-'}: {problem['message']}" for problem in report["refused"])
    lines.extend(report["trouble"])
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


def _time(epoch_s: float) -> str:
    return datetime.fromtimestamp(epoch_s).astimezone().isoformat(" ", "seconds")
