"""The name that ipvsadm gives a service of pulse's report."""

from app.lvs.ipvs.service_names import host_port, mark_name
from app.lvs.reports.past import PastServiceReport
from app.lvs.reports.status import ServiceReport


def local_address(service: ServiceReport | PastServiceReport) -> str:
    """Return what ipvsadm -n prints under LocalAddress:Port: of a firewall mark, its number."""
    if service["fwmark"]:
        return mark_name(service["fwmark"], service["family"])
    return host_port(service["address"], service["port"])
