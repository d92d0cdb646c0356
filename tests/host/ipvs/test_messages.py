"""Requests and answers are packed alike, so what a request says can be read as if the kernel had answered it."""

from dataclasses import replace
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.host.ipvs.constants import Command, OfDestination, OfService, Top
from app.host.ipvs.decode import decode_destination, decode_service, decode_timeouts, decode_version
from app.host.ipvs.encode import request, step_request, timeouts_payload
from app.host.ipvs.values import KernelVersion, Timeouts
from app.host.netlink.frames import attribute, attributes, generic_attributes, messages, nested
from app.lvs.ipvs.counters import Counters, DestinationCounters
from app.lvs.ipvs.plan import AddDestination, AddService, DeleteService, SetService, Step
from app.lvs.ipvs.table import Family, SchedulerBits, Service
from tests.host.ipvs.tables import services

_COUNTED = range(1, 11)
_U32 = {number: pack("=I", number) for number in _COUNTED}
_SERVED = st.sampled_from([7, 0xFFFFFFFF, 1 << 40])


def _body(step: Step) -> memoryview:
    ((_, _, _, body),) = messages(memoryview(step_request(step, 20, 0, 1)))
    return body


def _rewritten(body: memoryview, kind: int, more: dict[int, bytes], order: list[int] | None = None) -> memoryview:
    found = {
        number: bytes(payload) for number, payload in attributes(generic_attributes(body)[kind]).items()
    } | more
    inner = b"".join(attribute(number, found[number]) for number in (order or found) if number in found)
    return memoryview(bytes(4) + nested(kind, inner))


def _stats(width: str, values: dict[int, int], padding: bytes = b"") -> bytes:
    return b"".join(padding + attribute(number, pack(width, value)) for number, value in values.items())


_READ_ONLY = {
    OfDestination.ACTIVE: pack("=I", 3),
    OfDestination.INACTIVE: pack("=I", 4),
    OfDestination.PERSISTENT: pack("=I", 5),
}
_KERNEL_ORDER = [1, 2, 3, 4, 13, 14, 15, 5, 6, 7, 8, 9, 11, 10, 12]


@given(services())
def test_a_service_read_back_equals_the_service_told(service: Service) -> None:
    bare = replace(service, destinations=())
    assert decode_service(_body(AddService(service))) == (bare, Counters())
    assert decode_service(_body(SetService(service)))[0] == bare


@given(services(), st.permutations(_KERNEL_ORDER) | st.just(_KERNEL_ORDER))
def test_a_destination_read_back_equals_the_destination_told(service: Service, order: list[int]) -> None:
    for destination in service.destinations:
        body = _rewritten(_body(AddDestination(service.key, destination)), Top.DESTINATION, _READ_ONLY, order)
        counted = DestinationCounters(3, 4, 5, Counters())
        assert decode_destination(body, service.key.family) == (destination, counted)


@given(services())
def test_a_kernel_that_says_no_family_and_no_tunnel_is_understood(service: Service) -> None:
    old = [number for number in _KERNEL_ORDER if number < OfDestination.FAMILY]
    for destination in service.destinations:
        if destination.key.address.version == service.key.family:
            body = _rewritten(_body(AddDestination(service.key, destination)), Top.DESTINATION, _READ_ONLY, old)
            found, _ = decode_destination(body, service.key.family)
            assert (found.key, found.weight) == (destination.key, destination.weight)


@given(services())
def test_the_kernels_own_flag_makes_no_difference(service: Service) -> None:
    body = _body(AddService(service))
    flags = bytes(attributes(generic_attributes(body)[Top.SERVICE])[OfService.FLAGS])
    hashed = bytes([flags[0] | 0x2]) + flags[1:]
    assert decode_service(_rewritten(body, Top.SERVICE, {OfService.FLAGS: hashed})) == decode_service(body)


@given(services())
def test_what_is_remembered_of_a_past_persistence_makes_no_difference(service: Service) -> None:
    off = replace(service, persistent_s=0, netmask=0xFFFFFFFF if service.key.family is Family.IPV4 else 128)
    remembered = {OfService.TIMEOUT: pack("=I", 360), OfService.NETMASK: pack("!I", 24)}
    body = _rewritten(_body(AddService(off)), Top.SERVICE, remembered)
    assert decode_service(body)[0] == replace(off, destinations=())


@given(services())
def test_only_the_flags_of_the_service_are_sent_and_all_others_are_switched_off(service: Service) -> None:
    found = attributes(generic_attributes(_body(SetService(service)))[Top.SERVICE])
    flags = int.from_bytes(found[OfService.FLAGS][:4], "little")
    assert bool(flags & 1) is bool(service.persistent_s)
    assert SchedulerBits(flags & 0x38) == service.scheduler_flags
    assert bytes(found[OfService.FLAGS][4:]) == b"\xff" * 4


@given(services())
def test_deleting_names_the_service_and_nothing_else(service: Service) -> None:
    found = attributes(generic_attributes(_body(DeleteService(service.key)))[Top.SERVICE])
    assert set(found) <= {1, 2, 3, 4, 5}
    assert (OfService.FWMARK in found) is bool(service.key.fwmark)


@pytest.mark.parametrize("padding", [b"", b"\x04\x00\x0b\x00"], ids=["unpadded", "padded"])
@given(services(), st.lists(_SERVED, min_size=10, max_size=10))
def test_counters_beyond_32_bits_are_read(padding: bytes, service: Service, values: list[int]) -> None:
    counted = dict(zip(_COUNTED, values, strict=True))
    wrapped = {number: value & 0xFFFFFFFF for number, value in counted.items()}
    more = {OfService.STATS: _stats("=I", wrapped), OfService.STATS64: _stats("=Q", counted, padding)}
    assert decode_service(_rewritten(_body(AddService(service)), Top.SERVICE, more))[1] == Counters(*values)


@given(services(), st.permutations(list(_COUNTED)))
def test_counters_of_old_kernels_are_read_in_any_order(service: Service, order: list[int]) -> None:
    more = {OfService.STATS: _stats("=I", {number: number for number in order})}
    assert decode_service(_rewritten(_body(AddService(service)), Top.SERVICE, more))[1] == Counters(*_COUNTED)


@given(st.builds(Timeouts, *[st.integers(0, 2_678_400)] * 3))
def test_timeouts_read_back_equal_those_told(timeouts: Timeouts) -> None:
    packed = request(20, Command.SET_CONFIG, 0, 1, timeouts_payload(timeouts))
    ((_, _, _, body),) = messages(memoryview(packed))
    assert decode_timeouts(body) == timeouts


def test_the_version_is_written_as_ipvsadm_writes_it() -> None:
    body = bytes(4) + attribute(1, pack("=I", 0x010201)) + attribute(2, pack("=I", 4096))
    assert decode_version(memoryview(body)) == KernelVersion("1.2.1", 4096)
    assert str(KernelVersion("1.2.1", 4096)) == "1.2.1 (size=4096)"


def test_there_is_no_command_that_empties_the_table() -> None:
    assert 17 not in set(Command)
