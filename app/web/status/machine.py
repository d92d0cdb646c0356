"""This machine according to pulse's report, as the rules and the forms need it."""

from ipaddress import ip_address, ip_interface

from app.lvs.model.machine import Machine
from app.lvs.model.values import Address
from app.lvs.reports.status import StatusReport


def machine_of(report: StatusReport | None) -> Machine | None:
    """Return the machine `report` describes; None without a report."""
    if report is None or not report["devices"]:
        return None
    found = {device["name"]: [ip_interface(text) for text in device["addresses"]] for device in report["devices"]}
    return Machine(
        {name: frozenset(address.ip for address in addresses) for name, addresses in found.items()},
        frozenset(
            address.ip
            for addresses in found.values()
            for address in addresses
            if address.network.prefixlen == address.max_prefixlen
        ),
        {other: device["name"] for device in report["devices"] for other in device.get("other_names", [])},
    )


def own_address(report: StatusReport | None, host: str) -> Address | None:
    """Return this machine's first routable address, else the address `host` of the request, else None."""
    for device in report["devices"] if report else ():
        for text in device["addresses"]:
            address = ip_interface(text).ip
            if not address.is_loopback and not address.is_link_local:
                return address
    try:
        asked = ip_address(host.strip("[]"))
    except ValueError:
        return None
    return None if asked.is_loopback or asked.is_unspecified else asked


def first_device(report: StatusReport | None) -> str:
    """Return the default interface for a new virtual IP: eth0 if there is one or none is known, else the first."""
    devices = report["devices"] if report else []
    names = [device["name"] for device in devices if device["name"] != "lo" and "@" not in device["name"]]
    addressed = [device["name"] for device in devices if device["addresses"] and device["name"] in names]
    if not names or "eth0" in names:
        return "eth0"
    return (addressed or names)[0]
