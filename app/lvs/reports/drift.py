"""What pulse answers to "drift": the plan in words and as commands, and the unmanaged services."""

from typing import TypedDict


class StepReport(TypedDict):
    """One thing to do to the kernel: in words, and as the ipvsadm command that does the same."""

    sentence: str
    command: str


class KernelDestinationReport(TypedDict):
    """A destination with all its settings; `forward` and the tunnel's are the words of `app.lvs.ipvs.table`."""

    address: str
    port: int
    forward: str
    weight: int
    upper_threshold: int
    lower_threshold: int
    tunnel_type: str
    tunnel_port: int
    tunnel_checksum: str


class KernelServiceReport(TypedDict):
    """A service of the kernel with all its settings, no counters: `app.lvs.ipvs.service_json` reads it back."""

    family: int
    transport: str
    address: str
    port: int
    fwmark: int
    scheduler: str
    scheduler_flags: int
    persistent_s: int
    netmask: int
    one_packet: bool
    persistence_engine: str
    destinations: list[KernelDestinationReport]


class DriftReport(TypedDict):
    """`steps` leads from the kernel, as read at `read_at`, to the configuration applied; empty: the two are equal.

    `foreign` are the services no configuration of ours has named. `is_known` false: nothing is applied yet, so
    nothing is known to be wanted and nothing is done.
    """

    read_at: float
    is_known: bool
    steps: list[StepReport]
    foreign: list[KernelServiceReport]
