"""TEST NOW: asks pulse to run the checks of some real servers once, as they stand on a page, saved or not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.host.control_client import ControlRefused, ControlUnreachable, ask
from app.lvs.grammar.writer import render
from app.lvs.model.config import Config, VirtualServer
from app.lvs.reports.check_test import ServerTrialReport, TrialReport
from app.web.frame.current import current

SERVERS_MAX = 16
"""Tested at a time; pulse takes no more."""
LIMIT_S = 28.0
"""Longer than pulse takes for a test, whose checks end within 24 s, and within what its socket waits."""

NO_SERVER = "There is no real server to test. ADD one on REAL SERVER."


@dataclass(frozen=True, slots=True)
class Trial:
    """The results; `refused` says why there is none. `left_out` servers were more than can be tested."""

    servers: Sequence[ServerTrialReport] = ()
    refused: str = ""
    left_out: int = 0
    is_saved: bool = True


def try_checks(
    config: Config, virtual: VirtualServer, index: int | None = None, *, is_saved: bool = True
) -> Trial:
    """Run the checks `virtual` asks for of its server `index`, or of all, and wait for the results.

    `virtual` need not be what is saved; `is_saved` says whether it is. Of `config` only the globals matter.
    """
    servers = virtual.server if index is None else virtual.server[index : index + 1]
    if not servers:
        return Trial(refused=NO_SERVER, is_saved=is_saved)
    tested = replace(virtual, server=servers[:SERVERS_MAX], layout=None)
    # Without the layout no comment, and without the others no name or password, goes where it is not needed.
    text = render(replace(config, virtual=(tested,), failover=(), layout=None)).decode()
    # What was saved in Latin-1 is sent to the servers in Latin-1.
    encoding = {"is_latin1": True} if config.layout is not None and config.layout.is_latin1 else {}
    request = {"text": text, "index": None, **encoding}
    try:
        report: TrialReport = ask(current.settings.pulse_socket, "test", request, LIMIT_S)
    except ControlUnreachable as silence:
        return Trial(refused=f"The checks cannot be run without pulse. {silence}", is_saved=is_saved)
    except ControlRefused as refusal:
        return Trial(refused=f"The test was refused. {refusal}", is_saved=is_saved)
    return Trial(report["servers"], left_out=len(servers) - len(tested.server), is_saved=is_saved)
