"""The configuration model: the contents of lvs.cf, as values.

One field per lvs.cf key, under lvs.cf's own name; `keywords.py` says what each means and what holds when it is
absent (None). `layout` remembers how the block stood in its file (comments, unknown keys, order) and takes no
part in equality. Identity of a virtual or real server is its place in the tuple: lvs.cf allows equal names.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.lvs.model.check_kinds import CheckKind
from app.lvs.model.layout import SourceText
from app.lvs.model.schedulers import Scheduler, SchedulerFlag
from app.lvs.model.values import (
    Address,
    AdminState,
    ClusterType,
    Floating,
    Netmask,
    Network,
    OnStop,
    Protocol,
    ReservationConflictAction,
    TunnelChecksum,
    TunnelType,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RealServer:
    """A ``server NAME { }`` block."""

    name: str
    address: Address | None = None
    active: bool | None = None
    weight: int | None = None
    port: int | None = None
    # beyond Piranha
    network: Network | None = None
    upper_threshold: int | None = None
    lower_threshold: int | None = None
    tunnel_type: TunnelType | None = None
    tunnel_port: int | None = None
    tunnel_checksum: TunnelChecksum | None = None
    tier: int | None = None
    check_address: Address | None = None
    check_port: int | None = None
    admin_state: AdminState | None = None
    admin_until: str | None = None
    admin_reason: str | None = None
    layout: SourceText | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualServer:
    """A ``virtual NAME { }`` block, or a ``failover NAME { }`` block, which has the same keys."""

    name: str
    active: bool | None = None
    address: Floating | None = None
    vip_nmask: Netmask | None = None
    sorry_server: Address | None = None
    fwmark: int | None = None
    port: int | None = None
    protocol: Protocol | None = None
    scheduler: Scheduler | None = None
    persistent: int | None = None
    pmask: Netmask | None = None
    send: str | None = None
    expect: str | None = None
    use_regex: bool | None = None
    send_program: str | None = None
    timeout: int | None = None
    reentry: int | None = None
    load_monitor: str | None = None
    quiesce_server: bool | None = None
    client_monitor: str | None = None
    start_cmd: str | None = None
    stop_cmd: str | None = None
    master: Address | None = None
    dirs: tuple[str, ...] | None = None
    # beyond Piranha
    network: Network | None = None
    one_packet: bool | None = None
    scheduler_flags: tuple[SchedulerFlag, ...] | None = None
    persistence_engine: str | None = None
    check: CheckKind | None = None
    check_path: str | None = None
    check_host: str | None = None
    check_status: str | None = None
    check_method: str | None = None
    check_headers: str | None = None
    check_tls: bool | None = None
    check_verify: bool | None = None
    check_certificate_days: int | None = None
    check_name: str | None = None
    check_type: str | None = None
    check_user: str | None = None
    check_password: str | None = None
    check_secret: str | None = None
    check_port: int | None = None
    check_source: Address | None = None
    check_interface: str | None = None
    check_interval: int | None = None
    check_limit: int | None = None
    check_retry: int | None = None
    also_check: str | None = None
    check_need: str | None = None
    rise: int | None = None
    fall: int | None = None
    sorry_port: int | None = None
    quorum: int | None = None
    quorum_margin: int | None = None
    max_out: int | None = None
    tier_need: int | None = None
    slow_start: int | None = None
    damping: int | None = None
    degraded_ms: int | None = None
    degraded_weight: int | None = None
    load_port: int | None = None
    load_step: int | None = None
    load_floor: int | None = None
    server: tuple[RealServer, ...] = ()
    layout: SourceText | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A whole lvs.cf."""

    serial_no: int | None = None
    primary: Address | None = None
    primary_private: Address | None = None
    primary_shared: str | None = None
    service: ClusterType | None = None
    rsh_command: str | None = None
    backup_active: bool | None = None
    backup: Address | None = None
    backup_private: Address | None = None
    backup_shared: str | None = None
    heartbeat: bool | None = None
    heartbeat_port: int | None = None
    keepalive: int | None = None
    deadtime: int | None = None
    network: Network | None = None
    nat_router: Floating | None = None
    nat_nmask: Netmask | None = None
    reservation_conflict_action: ReservationConflictAction | None = None
    debug_level: str | None = None
    monitor_links: int | None = None
    syncdaemon: bool | None = None
    syncd_iface: str | None = None
    syncd_id: int | None = None
    tcp_timeout: int | None = None
    tcpfin_timeout: int | None = None
    udp_timeout: int | None = None
    hard_shutdown: bool | None = None
    active_cmd: str | None = None
    inactive_cmd: str | None = None
    ipvsadm: str | None = None
    sync: bool | None = None
    # beyond Piranha
    on_stop: OnStop | None = None
    announce_again: int | None = None
    announce_every: int | None = None
    probe_duplicates: bool | None = None
    mail_to: str | None = None
    mail_from: str | None = None
    mail_server: str | None = None
    helo_name: str | None = None
    webhook: str | None = None
    notify_program: str | None = None
    notify_gap: int | None = None
    advert_ms: int | None = None
    virtual_router_id: int | None = None
    preempt: bool | None = None
    preempt_delay: int | None = None
    preempt_in_step: bool | None = None
    preempt_in_step_within: int | None = None
    vrrp_unicast: bool | None = None
    syncd_group: Address | None = None
    syncd_port: int | None = None
    syncd_ttl: int | None = None
    syncd_maxlen: int | None = None
    failover: tuple[VirtualServer, ...] = ()
    virtual: tuple[VirtualServer, ...] = ()
    layout: SourceText | None = field(default=None, compare=False, repr=False)

    def servers(self) -> Iterator[tuple[VirtualServer, RealServer]]:
        """Yield each real server with the virtual server it stands in."""
        return ((virtual, server) for virtual in self.virtual for server in virtual.server)
