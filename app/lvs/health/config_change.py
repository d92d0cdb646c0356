"""Carries what is known of the virtual servers over to another configuration."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.lvs.desired.table import service_key
from app.lvs.health.monitored import MonitoredVirtual
from app.lvs.health.setup import Clocks, monitor
from app.lvs.ipvs.table import ServiceKey, Table
from app.lvs.keywords.table import effective
from app.lvs.model.config import Config
from app.lvs.model.values import ClusterType


@dataclass(frozen=True, slots=True)
class ConfigChange:
    """`virtuals` by their position in lvs.cf; `added` are those of them that are new or edited.

    `gone` are no longer monitored; `earlier` are those of before by their key in the kernel.
    """

    virtuals: dict[int, MonitoredVirtual]
    added: list[MonitoredVirtual]
    gone: list[MonitoredVirtual]
    earlier: Mapping[ServiceKey, MonitoredVirtual]


def monitor_config(
    config: Config, before: Mapping[int, MonitoredVirtual], table: Table, clocks: Clocks
) -> ConfigChange:
    """Return what is monitored with `config`; virtual servers that are the same as in `before` are kept."""
    network = effective(config, "network")
    is_run = effective(config, "service") is ClusterType.LVS
    known = {id(old.virtual): old for old in before.values() if old.network is network}
    stay = {id(virtual) for virtual in config.virtual if is_run and virtual.active and id(virtual) in known}
    gone = [old for old in before.values() if id(old.virtual) not in stay or old.network is not network]
    earlier = {old.key: old for old in gone}
    taken: set[ServiceKey] = set()
    change = ConfigChange({}, [], gone, earlier)
    for position, virtual in enumerate(config.virtual if is_run else ()):
        if not virtual.active:
            continue
        is_known = id(virtual) in stay
        if is_known:
            monitored: MonitoredVirtual | None = known[id(virtual)]
        else:
            key = service_key(virtual)
            monitored = monitor(virtual, network, earlier.get(key) if key else None, table, clocks)
        if monitored is None or monitored.key in taken:
            # Two virtual servers have the same key in the kernel; the first one gets it.
            gone.extend([monitored] if monitored is not None and is_known else [])
            continue
        taken.add(monitored.key)
        change.virtuals[position] = monitored
        if not is_known:
            change.added.append(monitored)
    return change
