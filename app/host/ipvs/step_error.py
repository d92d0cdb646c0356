"""Why the kernel refused a step of a plan, in words: what was found, and what to do."""

import errno
import os
from dataclasses import dataclass

from app.host.network.ipv6 import NO_IPV6
from app.lvs.ipvs.plan import (
    AddDestination,
    AddService,
    DeleteDestination,
    DeleteService,
    SetDestination,
    SetService,
    Step,
)
from app.lvs.ipvs.service_names import host_port
from app.lvs.ipvs.table import DestinationKey, ServiceKey

NEEDS_NET_ADMIN = "permission denied: pulse needs CAP_NET_ADMIN; run it as root or through its service unit"
_AGAIN = "another process is changing the table; it is read and planned again"


@dataclass(frozen=True, slots=True)
class StepFailed:
    """A step that the kernel refused: its errno, and the sentence for people."""

    step: Step
    errno: int
    message: str


def step_failed(step: Step, number: int) -> StepFailed:
    """Return the failure of `step` for the errno the kernel answered with."""
    return StepFailed(step, number, f"{_subject(step)}: {_reason(step, number)}")


def endpoint(key: ServiceKey | DestinationKey) -> str:
    """Return how people write the key: ``TCP 10.0.0.1:80``, ``[2001:db8::1]:80``, ``firewall mark 7``."""
    if isinstance(key, ServiceKey) and key.fwmark:
        return f"firewall mark {key.fwmark}" + (" (IPv6)" if key.family == 6 else "")
    kind = f"{key.transport.name} " if isinstance(key, ServiceKey) else ""
    return f"{kind}{host_port(str(key.address), key.port)}"


def _subject(step: Step) -> str:
    match step:
        case AddService(service):
            return f"cannot add the service {endpoint(service.key)}"
        case SetService(service):
            return f"cannot change the service {endpoint(service.key)}"
        case DeleteService(key):
            return f"cannot delete the service {endpoint(key)}"
        case AddDestination(key, destination):
            return f"cannot add {endpoint(destination.key)} to {endpoint(key)}"
        case SetDestination(key, destination):
            return f"cannot change {endpoint(destination.key)} of {endpoint(key)}"
        case DeleteDestination(key, destination_key):
            return f"cannot delete {endpoint(destination_key)} from {endpoint(key)}"


def _reason(step: Step, number: int) -> str:
    if number in (errno.EPERM, errno.EACCES):
        return NEEDS_NET_ADMIN
    if number == errno.EEXIST:
        return f"it is already in the kernel: {_AGAIN}"
    if number == errno.ESRCH:
        return f"the service is no longer in the kernel: {_AGAIN}"
    if number == errno.ENOENT:
        return _missing(step)
    if number == errno.EINVAL:
        return _invalid(step)
    if number == errno.EAFNOSUPPORT:
        return NO_IPV6
    if number == errno.ERANGE:
        return "a weight or threshold is out of range: the upper threshold must not be below the lower one"
    if number == errno.ENOMEM:
        return "the kernel is out of memory: free some; pulse tries again"
    return f"the kernel answers '{os.strerror(number)}' ({errno.errorcode.get(number, number)})"


def _missing(step: Step) -> str:
    if not isinstance(step, AddService | SetService):
        return f"the kernel does not have it: {_AGAIN}"
    service = step.service
    scheduler = (
        f"the kernel has no scheduler '{service.scheduler}': load it with 'modprobe ip_vs_{service.scheduler}'"
    )
    if not service.persistence_engine:
        return scheduler
    engine = service.persistence_engine
    return f"{scheduler}; or no persistence engine '{engine}': load it with 'modprobe ip_vs_pe_{engine}'"


def _invalid(step: Step) -> str:
    match step:
        case AddDestination() | SetDestination():
            return (
                "the kernel rejects the destination: its address must be a unicast one (no broadcast, "
                "multicast or IPv6 link-local), only a tunnel may lead to the other IP version, "
                "and a GUE tunnel needs a port"
            )
        case AddService() | SetService():
            return "the kernel rejects the service: check its persistence mask and scheduler"
        case _:
            return "the kernel does not understand the request"
