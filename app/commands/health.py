"""What a running pulse knows of the real servers, for commands that compare a file with the kernel."""

from app.host.control_client import PulseRefused, PulseUnreachable, ask
from app.lvs.check_choice import checked_port
from app.lvs.config import Config, RealServer, VirtualServer
from app.lvs.keywords import effective
from app.lvs.presence import Health, Presence
from app.lvs.report import StatusReport
from app.settings import Settings


def known_health(settings: Settings, config: Config) -> Health | None:
    """Return who of `config` may have clients: all but those pulse holds out. None when pulse is not running."""
    try:
        report: StatusReport = ask(settings.pulse_socket, "status")
    except (PulseUnreachable, PulseRefused):
        return None
    out = {(one["virtual"], one["address"], one["port"]) for one in report["servers"] if not one["is_in"]}
    network = effective(config, "network")

    def is_in(virtual: VirtualServer, server: RealServer) -> bool:
        return (virtual.name, str(server.address), checked_port(virtual, server, network)) not in out

    health: list[Presence] = []
    for virtual in config.virtual:
        servers = tuple(is_in(virtual, server) for server in virtual.server)
        serves = any(found and one.active for found, one in zip(servers, virtual.server, strict=True))
        health.append(Presence(servers, sorry=virtual.sorry_server is not None and not serves))
    return health
