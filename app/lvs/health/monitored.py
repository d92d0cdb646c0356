"""The real servers that are judged: their checks, their rules, their state; values for `judgement.py`."""

from dataclasses import dataclass, field

from app.lvs.checks.check import Check, Outcome, Result
from app.lvs.checks.load_agent import ALL, AgentState, Load
from app.lvs.desired.table import DesiredWeights
from app.lvs.health.selection import Hold, Policy
from app.lvs.health.state import HealthStatus, Rules, State
from app.lvs.ipvs.table import DestinationKey, ServiceKey
from app.lvs.model.admin_state import READY, Admin
from app.lvs.model.config import RealServer, VirtualServer
from app.lvs.model.values import AdminState, Network

KernelEntry = tuple[ServiceKey, DestinationKey]
"""What a server's state is found again by when the configuration changes: its entry in the kernel."""


@dataclass(slots=True)
class Monitored:
    """A question put to a server again and again, and its last result, of the run that was due at `last_at`."""

    check: Check
    last: Result | None = None
    last_at: float | None = None

    @property
    def is_answered(self) -> bool:
        """Whether the last result shows that the way to the server works."""
        return self.last is not None and self.last.is_reached


@dataclass(slots=True, kw_only=True)
class MonitoredCheck(Monitored):
    """One check of one server. `mean_s` is the running mean of its answers, None: it is not kept."""

    state: State
    mean_s: float | None = None
    is_slow: bool = False


@dataclass(slots=True)
class MonitoredLoad(Monitored):
    """The load agent of one server."""

    load: Load = ALL


@dataclass(slots=True)
class MonitoredServer:
    """A real server that is judged. `checks` empty: nothing can be asked, it counts as up.

    `state` is what its checks make of it; `needed` of them have to be up. `port` is the one clients' packets
    reach. `is_in` says whether it is in as far as `selection.py` decides: moved there at `moved_at` (None: long
    ago), and in since `came_in_at` if it was not in before pulse came; `hold` says why that is not what the checks
    say. `failed_at` and `why` are of its last change by its checks.
    """

    place: KernelEntry
    server: RealServer
    checks: tuple[MonitoredCheck, ...]
    needed: int
    rules: Rules
    state: State
    port: int
    is_in: bool
    weight: int
    tier: int = 0
    admin: Admin = READY
    load: MonitoredLoad | None = None
    moved_at: float | None = None
    came_in_at: float | None = None
    failed_at: float = 0.0
    hold: Hold | None = None
    why: str = ""

    @property
    def stance(self) -> AgentState:
        """What its load agent wants for it."""
        return self.load.load.stance if self.load else AgentState.READY

    @property
    def is_well(self) -> bool:
        """Whether its checks, and its own word, let it have clients."""
        return self.state.is_in and self.stance in (AgentState.READY, AgentState.DRAIN)

    @property
    def is_failed(self) -> bool:
        """Whether its checks, or its own word, say that it has failed."""
        return self.state.standing is HealthStatus.DOWN or self.stance is AgentState.DOWN

    @property
    def is_ready(self) -> bool:
        """Whether no administrator keeps it away."""
        return self.admin.state is AdminState.READY

    @property
    def is_pending(self) -> bool:
        """Whether it waits for a first result."""
        return self.state.standing is HealthStatus.UNKNOWN and any(check.last is None for check in self.checks)

    @property
    def is_asked(self) -> bool:
        """Whether its results count: the director was able to run a check of it."""
        return any(check.last is None or check.last.outcome is not Outcome.NOT_RUN for check in self.checks)

    @property
    def is_slow(self) -> bool:
        """Whether one of its checks takes too long."""
        return any(check.is_slow for check in self.checks)

    @property
    def notice_s(self) -> float:
        """How long its checks may take to find that the server has failed."""
        return max(
            (self.rules.fall * check.check.interval_s + check.check.limit_s for check in self.checks), default=0.0
        )


@dataclass(frozen=True, slots=True)
class Weighing:
    """A service's rules about weights, as lvs.cf has them: times in seconds, shares in percent.

    `slow_start_s` 0 and `degraded_s` None: not wanted.
    """

    slow_start_s: float = 0.0
    degraded_s: float | None = None
    degraded_weight: int = 100
    load_step: int = 100
    load_floor: int = 1
    is_quiescing: bool = False


@dataclass(slots=True)
class MonitoredVirtual:
    """An active virtual server: its servers in file order, None for those that are inactive.

    `is_lost` is whether its quorum is: at first where the kernel holds the sorry server. `due` is when it has to
    be looked at again though nothing is heard.
    """

    key: ServiceKey
    virtual: VirtualServer
    network: Network
    servers: tuple[MonitoredServer | None, ...]
    policy: Policy
    weighing: Weighing
    is_lost: bool
    presence: DesiredWeights = field(default=DesiredWeights(()))
    due: float | None = None
