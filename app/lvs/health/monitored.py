"""The monitored real servers: their checks, rules and state, as `judge.py` keeps them."""

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
"""A server's entry in the kernel, by which its state is found again when the configuration changes."""


UNASKED_INTERVALS = 2
"""How many intervals a check may fail to be run before its server is shown as one nobody asks."""


@dataclass(slots=True)
class Monitored:
    """A check that is repeated, and its last result, from the run that was due at `last_at`."""

    check: Check
    last: Result | None = None
    last_at: float | None = None
    not_run_since: float | None = None
    """When it first could not be run, if it has not been run since."""

    def is_unasked(self, now: float) -> bool:
        """Return whether it could not be run for so long that its last real result says nothing any more."""
        check = self.check
        since = self.not_run_since
        return since is not None and now - since >= UNASKED_INTERVALS * check.interval_s + check.limit_s

    @property
    def is_answered(self) -> bool:
        """Whether the last result shows that the server can be reached."""
        return self.last is not None and self.last.is_reached


@dataclass(slots=True, kw_only=True)
class MonitoredCheck(Monitored):
    """One health check of one server. `mean_s` is the running mean of its response times; None: it is not kept."""

    state: State
    mean_s: float | None = None
    is_slow: bool = False


@dataclass(slots=True)
class MonitoredLoad(Monitored):
    """The load agent of one server."""

    load: Load = ALL


@dataclass(slots=True)
class MonitoredServer:
    """A monitored real server. Without `checks` it counts as up.

    `state` combines its checks, of which `needed` have to be up. `port` is the one that clients' packets reach.
    `is_in` is the decision of `selection.py`: since `moved_at` (None: long ago), and in rotation since
    `came_in_at`, if it was not already when pulse started; `hold` is why that differs from what the checks say.
    `failed_at` and `why` describe its last change by its checks.
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
    is_unasked: bool = False
    """Whether it was reported that one of its checks cannot be run."""

    @property
    def stance(self) -> AgentState:
        """The state its load agent reports."""
        return self.load.load.stance if self.load else AgentState.READY

    @property
    def is_healthy(self) -> bool:
        """Whether its checks and its load agent let it be in rotation."""
        return self.state.is_in and self.stance in (AgentState.READY, AgentState.DRAIN)

    @property
    def is_failed(self) -> bool:
        """Whether its checks or its load agent say that it has failed."""
        return self.state.standing is HealthStatus.DOWN or self.stance is AgentState.DOWN

    @property
    def is_ready(self) -> bool:
        """Whether it is neither in drain nor in maintenance."""
        return self.admin.state is AdminState.READY

    @property
    def is_pending(self) -> bool:
        """Whether it waits for a first result."""
        return self.state.standing is HealthStatus.UNKNOWN and any(check.last is None for check in self.checks)

    @property
    def is_checked(self) -> bool:
        """Whether its results count: the director was able to run at least one of its checks."""
        return any(check.last is None or check.last.outcome is not Outcome.NOT_RUN for check in self.checks)

    @property
    def is_slow(self) -> bool:
        """Whether one of its checks responds too slowly."""
        return any(check.is_slow for check in self.checks)

    @property
    def notice_s(self) -> float:
        """How long its checks may take to detect that the server has failed."""
        return max(
            (self.rules.fall * check.check.interval_s + check.check.limit_s for check in self.checks), default=0.0
        )


@dataclass(frozen=True, slots=True)
class Weighing:
    """A service's rules about weights, as in lvs.cf: times in seconds, shares in percent.

    `slow_start_s` 0 and `degraded_s` None: off.
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

    `is_lost` is whether its quorum is lost; at first, whether the kernel has the sorry server. `due` is when it
    has to be reviewed even without a new result.
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
