"""The control verb ``drift``: how the kernel differs from what is wanted, and what there is that is not ours."""

from app.lvs.desired.table import active_virtuals, service_key
from app.lvs.ipvs.ipvsadm import commands
from app.lvs.ipvs.plan_text import sentences
from app.lvs.ipvs.service_json import service_to_json
from app.lvs.ipvs.table import ServiceKey, service_order
from app.lvs.model.config import Config
from app.lvs.reports.drift import DriftReport
from app.pulse.table.keeper import TableKeeper


def drift_report(keeper: TableKeeper, config: Config | None, read_at: float) -> DriftReport:
    """Return what the last reading of the table, at the wall's time `read_at`, differs in from `config`.

    `config` is the one applied; None: none is, so nothing is known to be wanted.
    """
    steps = keeper.plan().steps if config is not None else ()
    foreign = sorted(keeper.table.keys() - keeper.wanted.keys() - keeper.memory.services, key=service_order)
    return {
        "read_at": read_at,
        "is_known": config is not None,
        "steps": [
            {"sentence": sentence, "command": command}
            for sentence, command in zip(
                sentences(steps, keeper.table, _names(config)), commands(steps), strict=True
            )
        ],
        "foreign": [service_to_json(keeper.table[key]) for key in foreign],
    }


def _names(config: Config | None) -> dict[ServiceKey, str]:
    names: dict[ServiceKey, str] = {}
    for virtual in active_virtuals(config) if config is not None else ():
        if (key := service_key(virtual)) is not None:
            names.setdefault(key, virtual.name)
    return names
