"""The daemon: the loop that keeps the machine equal to lvs.cf. It joins the keepers and owns no rule."""

import asyncio
import logging
import os
import signal
import time
from collections import deque
from collections.abc import Mapping
from contextlib import ExitStack, closing
from functools import partial
from typing import Any

from app import __version__
from app.host.file_watch import FileWatch
from app.host.gc_tuning import keep_freed_memory, without_collecting
from app.host.ipvs.table import IPVS, IPVSFailed
from app.host.lvs_cf_file import LvsCfUnwritable
from app.host.network.addresses import Addresses, AddressFailed
from app.host.network.devices import read_devices
from app.host.probes.kinds.program import Programs
from app.host.probes.prober import Prober
from app.host.sd_notify import ALIVE, READY, STOPPING, SdNotify
from app.lvs.desired.table import ServiceCache as DesiredMemory
from app.lvs.desired.table import desired
from app.lvs.ipvs.counters import connections
from app.lvs.ipvs.ipvsadm import listing
from app.lvs.keywords.table import effective
from app.lvs.model.config import Config
from app.lvs.model.values import OnStop
from app.lvs.reports.drift import DriftReport
from app.lvs.reports.status import AppliedReport, PulseReport, RepairReport, StatusReport
from app.pulse.addresses.keeper import AddressKeeper
from app.pulse.events.file import EventFile
from app.pulse.events.log import EventLog
from app.pulse.events.notifier import Notifier
from app.pulse.health.check_test import CheckTest
from app.pulse.health.keeper import HealthKeeper
from app.pulse.history.keeper import HistoryKeeper
from app.pulse.history.table_snapshots import TableState, held
from app.pulse.pair.keeper import PairKeeper
from app.pulse.pair.verdicts import VerdictExchange
from app.pulse.process.config_source import ConfigSource, Loaded
from app.pulse.process.control import ControlSocket
from app.pulse.process.limits import allow_all_descriptors
from app.pulse.process.loop_timing import Looks
from app.pulse.process.owned import OwnedState
from app.pulse.process.single_instance import PulseFailed, alone
from app.pulse.table.connections import Connections
from app.pulse.table.drift import drift_report
from app.pulse.table.keeper import Convergence, TableKeeper, log_commands
from app.pulse.table.kernel_report import daemon_reports, timeout_report
from app.pulse.table.page import TablePage
from app.pulse.table.report import asked_positions, device_reports, problem_report, service_reports
from app.pulse.table.sysctls import Sysctls, set_timeouts
from app.settings import Settings

LOOK_EVERY_S = 1.0
"""How often the kernel is compared with what it ought to hold: it has no way to tell of a change."""
FRESH_S = 0.5
"""A reading younger than this answers a question about the table."""
REPAIRS_KEPT = 20
FIRST_RESULTS_S = 1.0
"""How long an answer to "look" waits for servers that have not been checked yet."""

TROUBLES = (IPVSFailed, AddressFailed, LvsCfUnwritable, OSError)
"""What may go wrong around the daemon without being its end: it says so, and tries again."""

log = logging.getLogger("pulse")


class Daemon:
    """Keeps table, addresses and switches equal to lvs.cf until it is told to stop.

    1. Open the kernel's table; where there is none, say what is missing and try again.
    2. Read lvs.cf when it changed or somebody asks to look; if it is refused, the last good one stays.
    3. Bring the table to what the configuration wants, then the addresses: none is up without its service.
    4. Check the real servers; when one comes in or goes out, bring the table to that at once.
    5. Every second, compare again: what somebody else changed is repaired and reported.
    6. Answer on the control socket; tell those outside who want to know.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._started_at = time.time()
        self._source = ConfigSource(settings.lvs_cf)
        self._memory = OwnedState(settings.runtime_directory)
        self._keeper: TableKeeper | None = None
        self._kernel = ""
        self._config: Config | None = None
        self._applied_config: Config | None = None
        self._loaded: Loaded | None = None
        self._desired_memory: DesiredMemory = {}
        self._applied: AppliedReport | None = None
        self._trouble: tuple[str, ...] = ()
        self._schedulers_missing: frozenset[str] = frozenset()
        self._is_table_whole = False
        self._repairs: deque[RepairReport] = deque(maxlen=REPAIRS_KEPT)
        self._kicked = asyncio.Event()
        self._events = EventLog(EventFile(settings.runtime_directory))
        self._addresses = AddressKeeper(Addresses(), self._memory, self._events)
        self._switches = Sysctls()
        programs = Programs(settings.check_directory, settings.check_user)
        self._notifier = Notifier(programs, partial(self._events.record, "undelivered"))
        self._events.listener = self._notifier.on_event
        self._health = HealthKeeper(Prober(programs), self._kicked.set, self._events)
        self._trial = CheckTest(Prober(programs))
        self._connections = Connections(lambda: self._keeper.table if self._keeper else {})
        self._looks = Looks()
        self._notice = SdNotify(os.environ)
        self._past = HistoryKeeper(self._held, settings.history_directory)
        directory, addresses = settings.runtime_directory, self._addresses
        self._pair = PairKeeper(
            directory, addresses, self._memory, self._events, self._health.first_results, self._connections_known
        )
        self._table = TablePage(
            lambda: self._keeper, lambda: self._applied_config, self._health, self._told, self._look_again
        )
        self._stopping = False
        self._working = asyncio.Lock()

    async def run(self) -> None:
        """Run until SIGTERM or SIGINT; raise PulseFailed when another one runs or its directory is not usable."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        loop.add_signal_handler(signal.SIGHUP, self._kicked.set)
        with ExitStack() as stack:
            stack.enter_context(alone(self._settings.runtime_directory))
            allow_all_descriptors()
            keep_freed_memory()
            server = await self._open_socket()
            log.info("STARTING PULSE %s on %s", __version__, self._settings.lvs_cf)
            stack.enter_context(self._addresses)
            self._pair.start()
            watch = stack.enter_context(closing(FileWatch(self._settings.lvs_cf)))
            loop.add_reader(watch.fileno(), self._seen, watch)
            stack.enter_context(self._past.kept())
            how = READY
            while not self._stopping:
                async with self._working:
                    self._open_kernel(stack)
                    await self._looks.timed(self._step())
                self._notice.tell(how)
                how = ALIVE
                await self._looks.pause(self._kicked, LOOK_EVERY_S)
            self._notice.tell(STOPPING)
            server.close()
            await self._health.stop()
            await self._leave()
            await self._notifier.stop()

    async def _open_socket(self) -> asyncio.Server:
        path = self._settings.pulse_socket
        verbs = {
            "status": self._status,
            "table": self._table.answer,
            "look": self._look,
            "plan": self._plan,
            "drift": self._drift,
            "test": self._trial.test,
            "connections": self._connections.answer,
            "events": self._events.answer,
            **self._past.verbs,
            "verdicts": VerdictExchange(
                self._health, lambda: self._applied, self._pair.report, lambda: self._keeper, self._pair.said
            ).answer,
            "switch": self._pair.switch,
        }
        try:
            return await ControlSocket(path, verbs).start()
        except OSError as error:
            raise PulseFailed(
                f"cannot open the control socket {path}: {error.strerror}. Make its directory, writable for this "
                "user, or set PALOMETA_RUNTIME_DIRECTORY to one that is."
            ) from error

    def _open_kernel(self, stack: ExitStack) -> None:
        if self._keeper is not None:
            return
        try:
            ipvs = stack.enter_context(IPVS())
            self._kernel = str(ipvs.version())
            self._keeper = TableKeeper(ipvs, self._memory)
            self._say_trouble(())
        except IPVSFailed as failed:
            self._say_trouble((str(failed),))

    async def _step(self) -> None:
        """Take up a changed file or another health, or else compare the kernel with what it ought to hold."""
        if self._keeper is None:
            return
        self._health.tick()
        try:
            if await self._take_up():
                with without_collecting():
                    await self._apply(self._keeper)
            elif self._applied_config is None:
                # Nothing is known to be wanted, so nothing may go: what a predecessor left serves on.
                self._keeper.read_all()
            elif self._health.has_changed:
                await self._follow_health(self._keeper, self._applied_config)
            else:
                await self._repair(self._keeper, self._applied_config)
            self._say_trouble(())
        except TROUBLES as trouble:
            self._say_trouble((str(trouble),))

    async def _take_up(self) -> bool:
        """Read lvs.cf; return whether there is a new configuration to apply."""
        # In a thread: a host name in the file may have to wait for DNS, and the loop must not.
        loaded = await asyncio.to_thread(self._source.load)
        if loaded is self._loaded:
            return self._config is not self._applied_config
        self._loaded = loaded
        for problem in loaded.refused:
            log.error("%s: %s", f"line {problem.line}" if problem.line else "lvs.cf", problem.message)
        if loaded.config is not None:
            self._config = loaded.config
            return True
        if self._config is None and (data := self._memory.last_good) is not None:
            self._config = (await asyncio.to_thread(self._source.judge, data)).config
            return self._config is not None
        return False

    async def _apply(self, keeper: TableKeeper) -> None:
        config = self._config
        if config is None:
            return
        began = time.monotonic()
        if keeper.read_at is None:
            # A new server is in until its first result if the kernel has it.
            keeper.read_all()
        self._notifier.apply_config(config)
        self._health.apply_config(config, keeper.table)
        keeper.wanted = desired(config, self._desired_memory, self._health.health)
        outcome = self._took_note(await keeper.converge(is_gentle=True))
        self._addresses.apply_config(config)
        await self._pair.apply_config(config, keeper.ipvs)
        set_timeouts(keeper.ipvs, config)
        self._switches.apply_config(config)
        remained = await self._with_the_rest(outcome)
        self._applied_config = config
        self._applied = {
            "serial_no": config.serial_no or 0,
            "at": time.time(),
            "duration_ms": (time.monotonic() - began) * 1000,
            "changes": len(outcome.commands),
            "remained": remained,
        }
        log_commands(outcome.commands)
        for sentence in remained:
            log.error("not done: %s", sentence)
        log.info("applied %d: %d changes", self._applied["serial_no"], len(outcome.commands))
        if self._loaded is not None and self._loaded.config is config and self._loaded.data is not None:
            self._memory.remember_good(self._loaded.data)

    async def _follow_health(self, keeper: TableKeeper, config: Config) -> None:
        keeper.wanted = desired(config, self._desired_memory, self._health.health)
        outcome = self._took_note(await keeper.converge())
        log_commands(outcome.commands)
        self._say_remained(await self._with_the_rest(outcome))

    async def _repair(self, keeper: TableKeeper, config: Config) -> None:
        await self._pair.apply_config(config, keeper.ipvs)
        # Only the table's: an address that is refused for days hides no repair.
        was_whole = self._is_table_whole
        outcome = self._took_note(await keeper.repair())
        self._say_remained(await self._with_the_rest(outcome))
        if outcome.commands and was_whole:
            self._repairs.append({"at": time.time(), "commands": list(outcome.commands)})
            log.warning("somebody else changed the table; repaired with: %s", "; ".join(outcome.commands))

    def _took_note(self, outcome: Convergence) -> Convergence:
        self._schedulers_missing = outcome.schedulers_missing
        self._is_table_whole = not outcome.remained
        return outcome

    async def _with_the_rest(self, outcome: Convergence) -> list[str]:
        """Bring addresses and switches about too; return what remained of everything."""
        return [*outcome.remained, *await self._addresses.converge(), *self._switches.converge()]

    async def _leave(self) -> None:
        self._settings.pulse_socket.unlink(missing_ok=True)
        config, keeper = self._config, self._keeper
        is_kept = config is None or keeper is None or effective(config, "on_stop") is OnStop.KEEP
        await self._pair.leave(withdraws=not is_kept)
        if config is None or keeper is None or is_kept:
            log.info("stopped; services and addresses stay as they are")
            return
        keeper.wanted = {}
        try:
            await self._addresses.withdraw()
            outcome = await keeper.converge()
        except TROUBLES as trouble:
            log.error("stopped; what it was to withdraw may still be there: %s", trouble)
            return
        log.info("stopped; withdrew the addresses and %d services", len(outcome.commands))

    def _stop(self) -> None:
        self._stopping = True
        self._kicked.set()

    def _seen(self, watch: FileWatch) -> None:
        if watch.has_changed():
            self._kicked.set()

    def _say_remained(self, remained: list[str]) -> None:
        if self._applied is None:
            return
        if remained != self._applied["remained"]:
            for sentence in remained:
                log.error("not done: %s", sentence)
        self._applied["remained"] = remained

    def _say_trouble(self, trouble: tuple[str, ...]) -> None:
        if trouble != self._trouble:
            for sentence in trouble:
                log.error("%s", sentence)
            self._trouble = trouble

    async def _look(self, arguments: Mapping[str, Any]) -> AppliedReport | None:
        async with self._working:
            await self._step()
        # So that the page a person sees next shows what new servers have to say.
        await self._health.first_results(FIRST_RESULTS_S)
        if self._health.has_changed:
            async with self._working:
                await self._step()
        # What is applied is not the file that was to be looked at while that one is refused or has failed.
        is_refused = self._loaded is not None and bool(self._loaded.refused)
        return self._applied if self._config is self._applied_config and not is_refused else None

    async def _plan(self, arguments: Mapping[str, Any]) -> list[str]:
        return [step["command"] for step in (await self._drift(arguments))["steps"]]

    async def _drift(self, arguments: Mapping[str, Any]) -> DriftReport:
        keeper = self._keeper
        if keeper is None:
            return {"read_at": 0.0, "is_known": False, "steps": [], "foreign": []}
        self._look_again(keeper)
        return drift_report(keeper, self._applied_config, keeper.epoch(keeper.read_at))

    async def _status(self, arguments: Mapping[str, Any]) -> StatusReport:
        keeper = self._keeper
        only = asked_positions(arguments)
        if keeper is not None and only is None:
            self._look_again(keeper)
        table, counters = (keeper.table, keeper.counters) if keeper else ({}, {})
        return {
            **self._told(),
            "devices": device_reports(read_devices(), self._memory.addresses),
            "services": list(service_reports(table, counters, self._config, only)),
            "ipvsadm": list(listing(table, counters, self._kernel)) if keeper and only is None else [],
            "servers": self._health.servers(only),
        }

    def _told(self) -> PulseReport:
        """Return all that is known but the table and the machine."""
        keeper = self._keeper
        ipvs = keeper.ipvs if keeper and not self._trouble else None
        return {
            "version": __version__,
            "pid": os.getpid(),
            "started_at": self._started_at,
            "now": time.time(),
            "kernel": self._kernel,
            "lvs_cf": str(self._source.path),
            "applied": self._applied,
            "refused": [problem_report(problem) for problem in self._loaded.refused] if self._loaded else [],
            "trouble": [*self._trouble, *self._health.trouble],
            "repairs": list(self._repairs),
            "addresses": self._addresses.reports(),
            "schedulers_missing": sorted(self._schedulers_missing),
            "timeouts": timeout_report(ipvs) if ipvs else {},
            "daemons": daemon_reports(ipvs) if ipvs else [],
            "table_read_at": keeper.epoch(keeper.read_at) if keeper else 0.0,
            "events": self._events.recent(),
            "checks": self._health.checks(),
            "loop": self._looks.report(),
            "pair": self._pair.report(),
        }

    def _connections_known(self) -> int | None:
        return connections(self._keeper.counters) if self._keeper is not None else None

    def _held(self) -> TableState | None:
        keeper = None if self._trouble else self._keeper
        return held(keeper, self._applied_config, self._kernel, self._applied)

    def _look_again(self, keeper: TableKeeper) -> None:
        """Read the whole table, unless that has just been done."""
        if keeper.read_at is not None and time.monotonic() - keeper.read_at < FRESH_S:
            return
        try:
            keeper.read_all()
        except TROUBLES as trouble:
            self._say_trouble((str(trouble),))
