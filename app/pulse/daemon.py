"""The daemon: the loop that keeps the machine in line with lvs.cf. It joins the keepers and contains no rule."""

import asyncio
import logging
import os
import signal
from collections.abc import Mapping
from contextlib import ExitStack, closing, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from app import __version__
from app.host.files.rights import rights_of_owner
from app.host.gc_tuning import keep_freed_memory, without_collecting
from app.host.ipvs.table import NoIPVS
from app.host.network.addresses import Addresses
from app.host.network.interfaces import Interfaces
from app.host.probes.kinds.program import Programs
from app.host.probes.prober import Prober
from app.host.sd_notify import ALIVE, READY, STOPPING, SdNotify
from app.lvs.keywords.table import effective
from app.lvs.model.values import OnStop
from app.lvs.reports.status import AppliedReport
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
from app.pulse.process.control import ControlSocket
from app.pulse.process.current_config import CurrentConfig
from app.pulse.process.limits import allow_all_descriptors
from app.pulse.process.loop_timing import LoopTiming
from app.pulse.process.owned import OwnedState
from app.pulse.process.problems import SURVIVED, CurrentProblems
from app.pulse.process.scarcity import Scarcity
from app.pulse.process.single_instance import PulseFailed, alone
from app.pulse.reconciler import Reconciler
from app.pulse.status import Status
from app.pulse.table.connections import Connections
from app.pulse.table.keeper import TableKeeper
from app.pulse.table.kernel_table import KernelTable
from app.pulse.table.page import TablePage
from app.settings import Settings

if TYPE_CHECKING:
    from app.host.file_watch import FileWatch

STEP_EVERY_S = 1.0
"""How often the kernel is compared with what it should have: it does not notify anybody of a change."""
FIRST_RESULTS_S = 1.0
"""How long the answer to "look" waits for servers that have not been checked yet."""

log = logging.getLogger("pulse")


class Daemon:
    """Keeps table, addresses and sysctls in line with lvs.cf until it is stopped.

    1. Open the kernel's table; if there is none, say what is missing and try again.
    2. Read lvs.cf when it has changed or a client asks for it; if it is refused, the last good one stays in force.
    3. Bring the table in line, then the addresses: none is up without its service.
    4. Check the real servers; when one goes down or comes back, bring the table in line immediately.
    5. Every second, compare again: what another process has changed is repaired and reported.
    6. Answer on the control socket, and notify those who are configured.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        directory = settings.runtime_directory
        memory = OwnedState(directory)
        programs = Programs(settings.check_directory, settings.check_user)
        self._kicked = asyncio.Event()
        self._is_stopping = False
        self._working = asyncio.Lock()
        self._timing = LoopTiming()
        self._sd_notify = SdNotify(os.environ)
        self._problems = CurrentProblems()
        self._current = CurrentConfig(settings.lvs_cf, memory)
        self._kernel = KernelTable(memory)
        self._events = EventLog(EventFile(directory))
        self._notifier = Notifier(programs, partial(self._events.record, "undelivered"))
        self._events.listener = self._notifier.on_event
        self._addresses = AddressKeeper(Addresses(Interfaces()), memory, self._events)
        self._health = HealthKeeper(Prober(programs), self._kicked.set, self._events)
        self._pair = PairKeeper(
            directory, self._addresses, memory, self._events, self._health.first_results, self._kernel.connections
        )
        self._reconciler = Reconciler(self._health, self._addresses, self._pair, self._events)
        self._status = Status(
            current=self._current,
            kernel=self._kernel,
            reconciler=self._reconciler,
            problems=self._problems,
            health=self._health,
            addresses=self._addresses,
            pair=self._pair,
            events=self._events,
            timing=self._timing,
            memory=memory,
        )
        self._history = HistoryKeeper(self._snapshot, settings.history_directory)
        self._check_test = CheckTest(Prober(programs))

    async def run(self) -> None:
        """Run until SIGTERM or SIGINT; raise PulseFailed if another one runs or its directory is not usable."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        loop.add_signal_handler(signal.SIGHUP, self._kicked.set)
        with ExitStack() as stack:
            stack.enter_context(alone(self._settings.runtime_directory))
            descriptors = allow_all_descriptors()
            loop.set_exception_handler(Scarcity().handle)
            keep_freed_memory()
            server = await self._open_socket(descriptors // 4)
            log.info("STARTING PULSE %s on %s", __version__, self._settings.lvs_cf)
            stack.enter_context(self._addresses)
            self._pair.start()
            state = READY
            while not self._is_stopping:
                async with self._working:
                    self._open_kernel(stack)
                    await self._timing.timed(self._step())
                self._sd_notify.tell(state)
                if state == READY:
                    self._begin_following(stack)
                state = ALIVE
                await self._timing.pause(self._kicked, STEP_EVERY_S)
            self._sd_notify.tell(STOPPING)
            server.close()
            await self._health.stop()
            await self._leave()
            await self._notifier.stop()

    def _begin_following(self, stack: ExitStack) -> None:
        """Watch lvs.cf and keep the history, from the first table on, which waits for neither."""
        # inotify_simple loads ctypes, and with the first watch runs ldconfig to find libc.
        from app.host.file_watch import FileWatch

        watch = stack.enter_context(closing(FileWatch(self._settings.lvs_cf)))
        asyncio.get_running_loop().add_reader(watch.fileno(), self._on_file_change, watch)
        stack.enter_context(self._history.kept())

    async def _open_socket(self, connections_max: int) -> asyncio.Server:
        path = self._settings.pulse_socket
        kernel, reconciler, status = self._kernel, self._reconciler, self._status
        table = TablePage(
            lambda: kernel.keeper,
            lambda: reconciler.applied_config,
            self._health,
            status.pulse,
            status.refresh,
            lambda: reconciler.absences.reasons,
        )
        verdicts = VerdictExchange(
            self._health,
            lambda: reconciler.applied,
            self._pair.report,
            lambda: kernel.keeper,
            self._pair.reported_partner,
        )
        verbs = {
            "status": status.status,
            "table": table.answer,
            "look": self._look,
            "plan": status.plan,
            "drift": status.drift,
            "test": self._check_test.test,
            "connections": Connections(lambda: kernel.keeper.table if kernel.keeper else {}).answer,
            "events": self._events.answer,
            **self._history.verbs,
            "verdicts": verdicts.answer,
            "switch": self._pair.switch,
        }
        try:
            return await ControlSocket(path, verbs, connections_max).start()
        except OSError as error:
            raise PulseFailed(
                f"cannot open the control socket {path}: {error.strerror}. Create its directory, writable for "
                "this user, or set PALOMETA_RUNTIME_DIRECTORY to one that is."
            ) from error

    def _open_kernel(self, stack: ExitStack) -> None:
        if self._kernel.keeper is not None:
            return
        try:
            self._kernel.open(stack)
            self._problems.set()
        except SURVIVED as failed:
            self._problems.set(str(failed))

    async def _step(self) -> None:
        """Apply a changed file, follow changed health, or else compare the kernel with what it should have."""
        keeper = self._kernel.keeper
        try:
            if keeper is not None:
                self._health.tick()
                await self._reconcile(keeper)
                self._problems.set()
                self._pair.set_obstacle("")
        except SURVIVED as failed:
            self._problems.set(str(failed))
            if isinstance(failed, NoIPVS):
                self._pair.set_obstacle(str(failed))
        try:
            await self._pair.stand_aside()
        except SURVIVED as failed:
            log.error("cannot find out whether this router is the owner of a pair: %s", failed)

    async def _reconcile(self, keeper: TableKeeper) -> None:
        applied = self._reconciler.applied_config
        if await self._current.load(applied):
            with without_collecting():
                await self._apply(keeper)
        elif applied is None:
            # No configuration is known, so nothing may be removed: what the previous run left keeps serving.
            keeper.read_all()
        elif self._health.has_changed:
            await self._reconciler.follow_health(keeper, applied)
        else:
            await self._reconciler.repair(keeper, applied)

    async def _apply(self, keeper: TableKeeper) -> None:
        config = self._current.config
        if config is not None:
            self._notifier.apply_config(config)
            await self._reconciler.apply(keeper, config)
            self._current.remember_applied(config)

    async def _leave(self) -> None:
        with suppress(OSError), rights_of_owner(self._settings.runtime_directory):
            self._settings.pulse_socket.unlink(missing_ok=True)
        config, keeper = self._current.config, self._kernel.keeper
        is_kept = config is None or keeper is None or effective(config, "on_stop") is OnStop.KEEP
        await self._pair.leave(withdraws=not is_kept)
        if keeper is None or is_kept:
            log.info("stopped; services and addresses stay as they are")
            return
        try:
            changes = await self._reconciler.withdraw(keeper)
        except SURVIVED as failed:
            log.error("stopped; some services or addresses could not be withdrawn: %s", failed)
            return
        log.info("stopped; withdrew the addresses and %d services", changes)

    async def _look(self, arguments: Mapping[str, Any]) -> AppliedReport | None:
        async with self._working:
            await self._step()
        # So that the next page shows the first results of new servers.
        await self._health.first_results(FIRST_RESULTS_S)
        if self._health.has_changed:
            async with self._working:
                await self._step()
        # While the file is refused, or could not be applied, what is applied is not what the client asked for.
        is_applied = self._current.config is self._reconciler.applied_config and not self._current.refused
        return self._reconciler.applied if is_applied else None

    def _snapshot(self) -> TableState | None:
        keeper = None if self._problems.sentences else self._kernel.keeper
        return held(keeper, self._reconciler.applied_config, self._kernel.version, self._reconciler.applied)

    def _on_file_change(self, watch: "FileWatch") -> None:
        if watch.has_changed():
            self._kicked.set()

    def _stop(self) -> None:
        self._is_stopping = True
        self._kicked.set()
