"""The control verb ``drift``: how the kernel differs from the configuration, and which services are unmanaged."""

from app.lvs.ipvs.ipvsadm import commands
from app.lvs.ipvs.plan_text import sentences
from app.lvs.ipvs.service_json import service_to_json
from app.lvs.ipvs.table import ServiceKey, service_order
from app.lvs.model.config import Config
from app.lvs.reports.drift import DriftReport
from app.pulse.table.keeper import TableKeeper
from app.pulse.table.positions import service_positions


def drift_report(keeper: TableKeeper, config: Config | None, read_at: float) -> DriftReport:
    """Return how the last reading of the table, at `read_at` by the wall clock, differs from `config`.

    `config` is the one that is applied; None: none is, so nothing is known to be wanted.
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
    if config is None:
        return {}
    return {key: config.virtual[position].name for key, position in service_positions(config).items()}
