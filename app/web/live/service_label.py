"""A service of pulse's report as ipvsadm names it."""

from app.lvs.reports.past import PastServiceReport
from app.lvs.reports.status import ServiceReport
from app.web.frame.filters import host_port


def local_address(service: ServiceReport | PastServiceReport) -> str:
    """Return what ipvsadm -n prints under LocalAddress:Port; a firewall mark stands there as its number."""
    if service["fwmark"]:
        return f"{service['fwmark']} IPv6" if service["family"] == 6 else str(service["fwmark"])
    return host_port(service["address"], service["port"])
