"""A service of pulse's report as ipvsadm names it."""

from app.lvs.ipvs.service_names import host_port, mark_name
from app.lvs.reports.past import PastServiceReport
from app.lvs.reports.status import ServiceReport


def local_address(service: ServiceReport | PastServiceReport) -> str:
    """Return what ipvsadm -n prints under LocalAddress:Port; a firewall mark stands there as its number."""
    if service["fwmark"]:
        return mark_name(service["fwmark"], service["family"])
    return host_port(service["address"], service["port"])
