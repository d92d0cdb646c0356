"""What the kernel has in addition to its table, as documents: the timeouts and the sync daemons."""

from app.host.ipvs.table import IPVS, IPVSFailed
from app.lvs.ipvs.service_names import address_text
from app.lvs.reports.status import DaemonReport


def timeout_report(ipvs: IPVS) -> dict[str, int]:
    """Return the kernel's timeouts in seconds; empty if they cannot be read."""
    try:
        timeouts = ipvs.timeouts()
    except IPVSFailed:
        return {}
    return {"tcp": timeouts.tcp_s, "tcpfin": timeouts.tcpfin_s, "udp": timeouts.udp_s}


def daemon_reports(ipvs: IPVS) -> list[DaemonReport]:
    """Return the kernel's sync daemons, the master first; empty if they cannot be read."""
    try:
        daemons = ipvs.daemons()
    except IPVSFailed:
        return []
    return [
        {
            "role": "master" if daemon.is_master else "backup",
            "interface": daemon.interface,
            "sync_id": daemon.sync_id,
            "maxlen": daemon.maxlen,
            "group": address_text(daemon.group) if daemon.group else "",
            "port": daemon.port,
            "ttl": daemon.ttl,
        }
        for daemon in sorted(daemons, key=lambda daemon: not daemon.is_master)
    ]
