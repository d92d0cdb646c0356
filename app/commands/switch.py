"""`palometa switch`: hands the virtual IPs over to the other router of the pair."""

import argparse

from app.commands.failure import CommandFailed
from app.exit_codes import ExitCode
from app.host.control_client import ControlRefused, ControlUnreachable, ask
from app.lvs.model.printable import visible_lines
from app.lvs.reports.pair import SwitchReport
from app.settings import Settings

WITHIN_S = 32.0


def switch(settings: Settings, options: argparse.Namespace) -> ExitCode:
    """Switch and print the result; FAILED if the partner did not take over."""
    try:
        report: SwitchReport = ask(settings.pulse_socket, "switch", {"anyway": options.anyway}, WITHIN_S)
    except (ControlUnreachable, ControlRefused) as failed:
        raise CommandFailed(str(failed)) from failed
    if not report["has_moved"]:
        raise CommandFailed(report["message"])
    print(visible_lines(report["message"]))
    return ExitCode.DONE
