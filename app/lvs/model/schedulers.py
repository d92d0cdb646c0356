"""The schedulers that IPVS offers, and the flags that some of them take."""

import enum


class Scheduler(enum.StrEnum):
    """IPVS schedulers by the kernel's names, Piranha's eight first."""

    RR = "rr"
    WLC = "wlc"
    WRR = "wrr"
    LC = "lc"
    LBLC = "lblc"
    LBLCR = "lblcr"
    DH = "dh"
    SH = "sh"
    SED = "sed"
    NQ = "nq"
    FO = "fo"
    OVF = "ovf"
    MH = "mh"
    TWOS = "twos"


class SchedulerFlag(enum.StrEnum):
    """ipvsadm's ``-b`` words."""

    SH_FALLBACK = "sh-fallback"
    SH_PORT = "sh-port"
    MH_FALLBACK = "mh-fallback"
    MH_PORT = "mh-port"
