"""A service of the kernel becomes the virtual server that asks for it."""

from dataclasses import replace
from ipaddress import IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lvs.desired.adoption import Unadoptable, adopt
from app.lvs.desired.table import desired
from app.lvs.grammar.reader import parse
from app.lvs.grammar.writer import render
from app.lvs.ipvs.diff import diff
from app.lvs.ipvs.ipvsadm import commands
from app.lvs.ipvs.service_json import service_from_json, service_to_json
from app.lvs.ipvs.table import (
    NO_SCHEDULER_BITS,
    Destination,
    DestinationKey,
    Family,
    Forward,
    SchedulerBits,
    Service,
    ServiceKey,
    Transport,
)
from app.lvs.model.check_kinds import CheckKind
from app.lvs.model.config import Config
from app.lvs.model.values import ClusterType, Floating, Network, Prefix
from app.lvs.rules.rulebook import check
from tests.lvs.apply import apply
from tests.lvs.samples import config, server, virtual
from tests.lvs.tables import services

VIP = ip_address("192.0.2.99")
KEY = ServiceKey(Family.IPV4, Transport.TCP, VIP, 80)
RS1, RS2 = ip_address("192.0.2.11"), ip_address("192.0.2.12")
NETWORKS = st.sampled_from((None, *Network))


def place(key: ServiceKey) -> Floating | None:
    """Return the virtual IP a person would give: an IPv6 mark needs one, an IPv4 mark none."""
    if key.address is not None:
        return Floating(key.address, "eth0:1")
    return Floating(IPv6Address("2001:db8::99"), "eth0") if key.family is Family.IPV6 else None


def alone(service: Service, network: Network | None = None) -> Config:
    """Return a configuration of nothing but what was adopted."""
    general = Config(network=network)
    return replace(general, virtual=(adopt(service, general, "found", place(service.key)).virtual,))


def can_be_said(service: Service) -> bool:
    """Return whether lvs.cf has keys for all of `service`."""
    flags = service.scheduler_flags
    has_flags = flags == NO_SCHEDULER_BITS or (
        service.scheduler in ("sh", "mh") and SchedulerBits.FLAG_3 not in flags
    )
    return has_flags and all(
        destination.key.port == service.key.port or destination.forward is Forward.MASQUERADE
        for destination in service.destinations
    )


@given(services(), NETWORKS)
def test_what_is_adopted_asks_for_just_what_is_there(service: Service, network: Network | None) -> None:
    adoption = adopt(service, Config(network=network), "found", place(service.key))
    wanted = desired(alone(service, network))
    if can_be_said(service):
        assert wanted == {service.key: service}
    assert (wanted == {service.key: service}) == (not adoption.plan)


@given(services(), NETWORKS)
def test_what_it_cannot_say_is_in_the_plan_beforehand(service: Service, network: Network | None) -> None:
    adoption = adopt(service, Config(network=network), "found", place(service.key))
    assert apply(adoption.plan.steps, {service.key: service}) == desired(alone(service, network))


@given(services(), NETWORKS)
def test_it_can_be_written_into_lvs_cf_and_read_back(service: Service, network: Network | None) -> None:
    written = alone(service, network)
    assert parse(render(written)).config == written


@given(services())
def test_a_service_goes_through_json_unchanged(service: Service) -> None:
    assert service_from_json(service_to_json(service)) == service


def service(**changes: object) -> Service:
    destination = Destination(DestinationKey(RS1, 80), Forward.ROUTE, 1)
    return replace(Service(KEY, "wlc", destinations=(destination,)), **changes)  # type: ignore[arg-type]


def test_a_plain_service_needs_no_key_beyond_piranhas_but_the_one_that_checks_nothing() -> None:
    found = adopt(service(), config(), "found", place(KEY)).virtual
    assert found.check is CheckKind.NONE
    assert (found.network, found.scheduler_flags, found.persistent, found.pmask) == (None, None, None, None)
    assert (found.server[0].network, found.server[0].port, found.server[0].weight) == (None, None, 1)


def test_it_passes_the_rules_beside_what_is_configured() -> None:
    general = config()
    found = adopt(service(persistent_s=300, netmask=0xFFFFFF00), general, "found", place(KEY)).virtual
    both = replace(general, virtual=(*general.virtual, found))
    assert check(both) == check(general)
    there = {**desired(general), KEY: service(persistent_s=300, netmask=0xFFFFFF00)}
    assert not diff(there, desired(both), ())


def test_a_machine_keeps_the_name_it_has_elsewhere_and_else_is_called_by_its_address() -> None:
    two = (
        Destination(DestinationKey(RS1, 80), Forward.ROUTE, 1),
        Destination(DestinationKey(VIP, 80), Forward.ROUTE, 1),
    )
    general = config(virtual(server=(server(1, name="alice", address=RS1),)))
    found = adopt(service(destinations=two), general, "found", place(KEY)).virtual
    assert [real.name for real in found.server] == ["alice", "192.0.2.99"]


def test_the_way_most_servers_are_reached_is_the_services_and_the_others_say_theirs() -> None:
    mixed = (
        Destination(DestinationKey(RS1, 8080), Forward.MASQUERADE, 1),
        Destination(DestinationKey(RS2, 80), Forward.MASQUERADE, 1),
        Destination(DestinationKey(VIP, 80), Forward.ROUTE, 1),
    )
    found = adopt(service(destinations=mixed), config(), "found", place(KEY)).virtual
    assert found.network is Network.NAT
    assert [(real.network, real.port) for real in found.server] == [
        (None, 8080),
        (None, None),
        (Network.DIRECT, None),
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"scheduler_flags": SchedulerBits.FLAG_3}, ["ipvsadm -E -t 192.0.2.99:80 -s wlc"]),
        ({"persistent_s": 60, "netmask": 0}, ["ipvsadm -E -t 192.0.2.99:80 -s wlc -p 60"]),
        (
            {"destinations": (Destination(DestinationKey(RS1, 80), Forward.LOCAL, 1),)},
            ["ipvsadm -e -t 192.0.2.99:80 -r 192.0.2.11:80 -g -w 1"],
        ),
    ],
)
def test_what_lvs_cf_has_no_word_for_is_named_by_the_command_that_would_change_it(
    changes: dict[str, object], expected: list[str]
) -> None:
    adoption = adopt(service(**changes), config(), "found", place(KEY))
    assert list(commands(adoption.plan.steps)) == expected


def test_a_mark_of_ipv6_needs_an_address_that_tells_its_family() -> None:
    mark = service(key=ServiceKey(Family.IPV6, Transport.NONE, None, 0, 5), destinations=())
    with pytest.raises(Unadoptable, match="requires an IPv6 address"):
        adopt(mark, config(), "found", None)
    found = adopt(replace(mark, netmask=128), config(), "found", Floating(IPv6Address("2001:db8::1"), "eth0"))
    assert (found.virtual.fwmark, found.plan.steps) == (5, ())


def test_a_prefix_of_ipv6_is_kept() -> None:
    key = ServiceKey(Family.IPV6, Transport.UDP, ip_address("2001:db8::1"), 53)
    found = adopt(service(key=key, persistent_s=9, netmask=64, destinations=()), config(), "found", place(key))
    assert (found.virtual.pmask, found.plan.steps) == (Prefix(64), ())


@pytest.mark.parametrize(
    ("found", "general", "floating", "says"),
    [
        (service(scheduler="none"), config(), place(KEY), "Its scheduler is 'none'"),
        (service(), config(service=ClusterType.FOS), place(KEY), "set Cluster type to lvs"),
        (service(), config(), Floating(RS1, "eth0"), "must be the address"),
        (service(), config(), None, "must be the address"),
    ],
)
def test_what_cannot_be_adopted_is_refused_with_what_to_do(
    found: Service, general: Config, floating: Floating | None, says: str
) -> None:
    with pytest.raises(Unadoptable, match=says):
        adopt(found, general, "found", floating)
