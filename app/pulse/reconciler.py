"""Brings the machine in line with a configuration: the table first, then addresses, the pair and sysctls."""

import logging
import time
from collections import deque

from app.lvs.desired.table import ServiceCache, desired
from app.lvs.model.config import Config
from app.lvs.reports.status import AppliedReport, RepairReport
from app.pulse.addresses.keeper import AddressKeeper
from app.pulse.events.log import EventLog
from app.pulse.health.keeper import HealthKeeper
from app.pulse.pair.keeper import PairKeeper
from app.pulse.table.absences import Absences
from app.pulse.table.keeper import Convergence, TableKeeper, log_commands
from app.pulse.table.sysctls import ConnectionTimeouts, Sysctls

REPAIRS_KEPT = 20

log = logging.getLogger("pulse")


class Reconciler:
    """The one owner of what is applied: `applied_config`, with the outcome in `applied`.

    Each method raises what the kernel refuses as a whole; what it refuses in part is in `applied` and tried again.
    """

    def __init__(self, health: HealthKeeper, addresses: AddressKeeper, pair: PairKeeper, events: EventLog) -> None:
        self._health = health
        self._addresses = addresses
        self._pair = pair
        self._sysctls = Sysctls()
        self._services = ServiceCache()
        self.absences = Absences(events)
        self._timeouts = ConnectionTimeouts()
        self.applied_config: Config | None = None
        self.applied: AppliedReport | None = None
        self.repairs: deque[RepairReport] = deque(maxlen=REPAIRS_KEPT)
        self.schedulers_missing: frozenset[str] = frozenset()

    async def apply(self, keeper: TableKeeper, config: Config) -> None:
        """Apply a configuration that is new, or that could not be applied before."""
        began = time.monotonic()
        if keeper.read_at is None:
            # Until its first result, a new server is in rotation if the kernel has it.
            keeper.read_all()
        self._health.apply_config(config, keeper.table)
        keeper.wanted = desired(config, self._services, self._health.health)
        outcome = self._note(keeper, config, await keeper.converge(is_gentle=True))
        await self._addresses.interfaces.start()  # Only now: the table does not wait for it.
        self._addresses.apply_config(config)
        await self._pair.apply_config(config, keeper.ipvs)
        self._timeouts.apply_config(config)
        self._sysctls.apply_config(config)
        remained = await self._converge_rest(keeper, outcome)
        self.applied_config = config
        self.applied = {
            "serial_no": config.serial_no or 0,
            "at": time.time(),
            "duration_ms": (time.monotonic() - began) * 1000,
            "changes": len(outcome.commands),
            "remained": remained,
        }
        log_commands(outcome.commands)
        for sentence in remained:
            log.error("not done: %s", sentence)
        log.info("applied %d: %d changes", self.applied["serial_no"], len(outcome.commands))

    async def follow_health(self, keeper: TableKeeper, config: Config) -> None:
        """Bring the table in line with the servers that are in rotation now."""
        keeper.wanted = desired(config, self._services, self._health.health)
        outcome = self._note(keeper, config, await keeper.converge())
        log_commands(outcome.commands)
        self._set_remained(await self._converge_rest(keeper, outcome))

    async def repair(self, keeper: TableKeeper, config: Config) -> None:
        """Undo what another process has changed, and try again what could not be done."""
        await self._pair.apply_config(config, keeper.ipvs)
        # What is refused for days, an address or another service, must not hide a repair.
        outcome = self._note(keeper, config, await keeper.repair())
        self._set_remained(await self._converge_rest(keeper, outcome))
        if outcome.repairs:
            self.repairs.append({"at": time.time(), "commands": list(outcome.repairs)})
            log.warning("another process changed the table; repaired with: %s", "; ".join(outcome.repairs))

    async def withdraw(self, keeper: TableKeeper) -> int:
        """Remove all addresses and services of ours; return how many changes to the table that took."""
        keeper.wanted = {}
        await self._addresses.withdraw()
        return len((await keeper.converge()).commands)

    def _note(self, keeper: TableKeeper, config: Config, outcome: Convergence) -> Convergence:
        self.absences.look(config, keeper.wanted, keeper.table, outcome)
        self.schedulers_missing = outcome.schedulers_missing
        return outcome

    async def _converge_rest(self, keeper: TableKeeper, outcome: Convergence) -> list[str]:
        """Converge addresses, timeouts and sysctls, too; return what could not be done anywhere."""
        addresses = await self._addresses.converge()
        return [
            *outcome.remained,
            *addresses,
            *self._timeouts.converge(keeper.ipvs),
            *self._sysctls.converge(),
        ]

    def _set_remained(self, remained: list[str]) -> None:
        if self.applied is None:
            return
        if remained != self.applied["remained"]:
            for sentence in remained:
                log.error("not done: %s", sentence)
        self.applied["remained"] = remained
