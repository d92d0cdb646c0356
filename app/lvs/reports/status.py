"""The status pulse reports over the control socket: the JSON documents, as types.

Times are seconds since the epoch. Addresses are text; `owner` is None for what no configuration of ours named.
"""

from typing import Literal, NotRequired, TypedDict

from app.lvs.reports.pair import PairReport

EventKind = Literal[
    "up",
    "down",
    "suspicion",
    "trust",
    "degraded",
    "normal",
    "quorum-lost",
    "quorum",
    "held",
    "admin",
    "unasked",
    "asked",
    "missing",
    "entered",
    "address",
    "undelivered",
    "pair",
]


class CountersReport(TypedDict):
    """Totals since the entry was made; the ``_per_s`` ones are the kernel's estimates over about 2 s."""

    connections: int
    packets_in: int
    packets_out: int
    bytes_in: int
    bytes_out: int
    connections_per_s: int
    packets_in_per_s: int
    packets_out_per_s: int
    bytes_in_per_s: int
    bytes_out_per_s: int


class DestinationReport(TypedDict):
    """A destination in the kernel; `forward` is ipvsadm's word: Route, Masq, Tunnel, Local."""

    name: str | None
    address: str
    port: int
    forward: str
    weight: int
    upper_threshold: int
    lower_threshold: int
    active: int
    inactive: int
    persistent: int
    counters: CountersReport


class ServiceReport(TypedDict):
    """A service in the kernel.

    `protocol` is TCP, UDP, SCTP or FWM; `flags` is what ipvsadm prints after the scheduler. `owner` is the name
    of the virtual server and `position` its index in the configuration pulse has applied; both None: foreign.
    """

    owner: str | None
    position: int | None
    protocol: str
    family: int
    address: str
    port: int
    fwmark: int
    scheduler: str
    flags: str
    counters: CountersReport
    destinations: list[DestinationReport]


class AddressReport(TypedDict):
    """A virtual IP or the NAT router address.

    `state` is ``up``, ``unplugged`` (its interface has no link), ``failed``, ``refused`` (another machine answers
    for it), ``probing`` (it is being asked whether one does), ``standby`` (it is for the other router of the pair)
    or ``unknown`` (it was not tried yet); `message` says why, or of one that is up, why it could not be announced,
    or that its interface was renamed. `device` is that of lvs.cf.
    """

    address: str
    prefix: int
    device: str
    state: str
    message: str


class ProblemReport(TypedDict):
    severity: str
    path: list[str | int]
    message: str
    line: int
    column: int


class RepairReport(TypedDict):
    """A time the kernel was found to differ although the configuration had not changed."""

    at: float
    commands: list[str]


class AppliedReport(TypedDict):
    """The configuration last brought into the kernel; `remained` is what the kernel refused, in words."""

    serial_no: int
    at: float
    duration_ms: float
    changes: int
    remained: list[str]


class DeviceReport(TypedDict):
    """A network interface of this machine; `addresses` are those pulse did not put there, as ADDRESS/PREFIX.

    `other_names` are those it can be called by, too.
    """

    name: str
    is_up: bool
    addresses: list[str]
    other_names: NotRequired[list[str]]


class CheckReport(TypedDict):
    """One check of a real server: what is asked of which target, and the result of its last run.

    `state` is ``unknown`` before its first result, ``stale`` when it has not been run, or could not be, for too
    long. None: never yet.
    """

    kind: str
    target: str
    state: Literal["up", "down", "unknown", "stale"]
    message: str
    duration_ms: float | None
    checked_at: float | None
    next_check_at: float | None


class ServerReport(TypedDict):
    """An active real server of an active virtual server, and what its checks say.

    `position` and `index` are those of the virtual server and of the server in the configuration applied.
    `state` is ``unknown`` before its first result, ``unchecked`` where nothing can be asked, ``stale`` when a
    check has not been run, or could not be, for too long. `is_in`: it may have clients. `weight` is the one the
    kernel ought to hold, None: the server is not to be there. `held` says why these two are not what checks and
    configuration alone would make them (slow start, damping, a floor, a tier, a lost quorum, a load agent); empty:
    they are. `admin` is ready, drain or maintenance, `admin_until` when that ends by itself (None: it does not).
    `message`, `duration_ms`, `checked_at` and `next_check_at` are those of the check that explains the state,
    `checks` are all. None: never yet.
    """

    position: int
    index: int
    virtual: str
    name: str
    address: str
    port: int
    state: Literal["up", "down", "unknown", "unchecked", "stale"]
    is_in: bool
    weight: int | None
    is_degraded: bool
    held: str
    admin: Literal["ready", "drain", "maintenance"]
    admin_until: float | None
    admin_reason: str
    since: float
    message: str
    duration_ms: float | None
    checked_at: float | None
    next_check_at: float | None
    checks: list[CheckReport]


class EventReport(TypedDict):
    """Something happened, at `at`.

    `kind` is up or down (a server came in or went out), suspicion or trust (the director began or ceased to
    suspect itself), degraded or normal (a server's answers became slow, or quick again), quorum-lost or quorum
    (of a service), held (a server that failed is kept, or a healthy one is kept out), admin (an administrative
    state began or ended), unasked or asked (a server can no longer be checked, or is checked again), missing or
    entered (the kernel does not have a service or server that should get clients, or has it at last), address
    (something about a virtual IP or its interface), pair (who has the virtual IPs of a pair, and why), undelivered
    (a message about such events was given up). `virtual`, `server` and `target` (address:port) are empty where
    they have no meaning.
    """

    at: float
    kind: EventKind
    virtual: str
    server: str
    target: str
    reason: str


class LoopReport(TypedDict):
    """pulse's own loop: how long the last look at the kernel took, and how late the last ones began."""

    look_ms: float
    late_ms: float
    late_ms_worst: float


class ChecksReport(TypedDict):
    """How many different checks are run, how many a second of late, and how late their last starts were."""

    different: int
    per_s: float
    late_ms: float
    late_ms_worst: float


class DaemonReport(TypedDict):
    """A sync daemon of the kernel; `group` is empty, `maxlen`, `port` and `ttl` 0 where it does not say them."""

    role: Literal["master", "backup"]
    interface: str
    sync_id: int
    maxlen: int
    group: str
    port: int
    ttl: int


class PulseReport(TypedDict):
    """All that pulse knows but the table and the machine. `refused` lists why the file on disk is not the one
    applied (empty: it is).

    `kernel` is empty where the kernel has no IPVS; there is then no table and `trouble` says what to do.
    `table_seen_at` is when the kernel last said anything of its table, 0: never.
    `schedulers_missing` are those wanted of which the kernel found no module.
    """

    version: str
    pid: int
    started_at: float
    now: float
    kernel: str
    lvs_cf: str
    applied: AppliedReport | None
    refused: list[ProblemReport]
    trouble: list[str]
    repairs: list[RepairReport]
    addresses: list[AddressReport]
    schedulers_missing: list[str]
    timeouts: dict[str, int]
    daemons: list[DaemonReport]
    table_read_at: float
    table_seen_at: NotRequired[float]
    events: list[EventReport]
    checks: ChecksReport
    loop: LoopReport
    pair: PairReport | None


class StatusReport(PulseReport):
    """All that pulse knows; `ipvsadm` is the table as ``ipvsadm -Ln`` prints it, line by line."""

    devices: list[DeviceReport]
    services: list[ServiceReport]
    ipvsadm: list[str]
    servers: list[ServerReport]
