"""The health of real servers as a running pulse reports it, for commands that compare a file with the kernel."""

from app.host.control_client import ControlRefused, ControlUnreachable, ask
from app.lvs.checks.from_config import checked_port
from app.lvs.desired.table import DesiredWeights, Health
from app.lvs.keywords.table import effective
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.reports.status import StatusReport
from app.settings import Settings


def known_health(settings: Settings, config: Config) -> Health | None:
    """Return the weights of the servers in `config`, 0 or none for those pulse keeps out of rotation.

    None: pulse is not running.
    """
    try:
        report: StatusReport = ask(settings.pulse_socket, "status")
    except (ControlUnreachable, ControlRefused):
        return None
    found = {(server["virtual"], server["address"], server["port"]): server for server in report["servers"]}
    network = effective(config, "network")

    def weight(virtual: VirtualServer, server: RealServer) -> int | None:
        own: int = effective(server, "weight")
        report = found.get((virtual.name, str(server.address), checked_port(virtual, server, network)))
        # Compare by the weight in the file, unless pulse has a reason to use another one.
        return own if report is None or (report["is_in"] and not report["held"]) else report["weight"]

    health: list[DesiredWeights] = []
    for virtual in config.virtual:
        weights = tuple(weight(virtual, server) for server in virtual.server)
        serves = any(found and server.active for found, server in zip(weights, virtual.server, strict=True))
        health.append(DesiredWeights(weights, sorry=virtual.sorry_server is not None and not serves))
    return health
