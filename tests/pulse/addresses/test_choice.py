"""What is adopted, relabelled, replaced and removed, without a kernel."""

from collections.abc import Iterable
from ipaddress import ip_address

from hypothesis import given
from hypothesis import strategies as st

from app.host.network.known_interfaces import AddressState
from app.host.network.link import Link, LinkAddress
from app.lvs.desired.addresses import VirtualAddress
from app.pulse.addresses.choice import adopted, former, leaving, mislabelled
from app.pulse.addresses.present import PresentAddresses, present_addresses

ETH0 = Link(2, "eth0", True, "02:00:00:00:00:02")
ETH1 = Link(3, "eth1", True, "02:00:00:00:00:03")
LINKS = {link.name: link for link in (ETH0, ETH1)}


def virtual(address: str, device: str = "eth0:1", prefix: int = 24) -> VirtualAddress:
    return VirtualAddress(ip_address(address), prefix, device)


def present(*addresses: VirtualAddress) -> PresentAddresses:
    """Return the state in which each of `addresses` is up, with the label of its device."""
    found = tuple(
        (
            at.interface,
            LinkAddress(
                LINKS[at.interface].index, at.address, at.prefix, at.device if at.address.version == 4 else None
            ),
        )
        for at in addresses
    )
    return present_addresses(AddressState(LINKS, found))


VIP, VIP6 = virtual("192.0.2.10"), virtual("2001:db8::10", "eth0", 64)


def test_an_address_with_the_label_of_an_alias_becomes_ours() -> None:
    assert adopted([VIP], present(VIP), []) == [VIP]
    assert adopted([VIP], present(virtual("192.0.2.10", "eth0:7")), []) == [VIP]


def test_an_address_somebody_added_without_an_alias_stays_theirs() -> None:
    assert adopted([VIP], present(virtual("192.0.2.10", "eth0")), []) == []
    assert adopted([VIP6], present(VIP6), []) == []


def test_an_address_of_ours_stays_ours_under_another_label() -> None:
    assert adopted([virtual("192.0.2.10", "eth0")], present(virtual("192.0.2.10", "eth0")), [VIP]) == [
        virtual("192.0.2.10", "eth0")
    ]


def test_what_is_not_up_is_not_adopted() -> None:
    assert adopted([VIP], present(virtual("192.0.2.10", prefix=32)), [VIP]) == []


def test_only_what_is_ours_gets_another_label() -> None:
    there = present(virtual("192.0.2.10", "eth0:7"))
    assert mislabelled([VIP], there, {VIP}) == [VIP]
    assert mislabelled([VIP], there, set()) == []
    assert mislabelled([VIP], present(VIP), {VIP}) == []
    assert mislabelled([VIP], present(), {VIP}) == []


def test_an_address_without_an_alias_has_the_name_of_its_interface_as_its_label() -> None:
    plain = virtual("192.0.2.10", "eth0")
    assert mislabelled([plain], present(plain), {plain}) == []
    assert mislabelled([plain], present(VIP), {plain}) == [plain]
    assert mislabelled([VIP6], present(VIP6), {VIP6}) == []


def test_an_ipv6_address_with_another_prefix_length_is_in_the_way() -> None:
    wider = virtual("2001:db8::10", "eth0", 48)
    assert former(VIP6, present(wider), {wider}) == wider
    assert former(VIP6, present(wider), set()) is None
    assert former(VIP6, present(), {wider}) is None
    assert former(VIP6, present(VIP6), {VIP6}) is None
    elsewhere = virtual("2001:db8::10", "eth1", 48)
    assert former(VIP6, present(elsewhere), {elsewhere}) is None


def test_an_ipv4_address_may_be_there_with_two_prefix_lengths() -> None:
    wider = virtual("192.0.2.10", prefix=16)
    assert former(VIP, present(wider), {wider}) is None


def test_what_is_no_longer_wanted_is_removed_if_it_is_ours() -> None:
    other = virtual("192.0.2.11")
    gone = leaving([VIP], [VIP], present(VIP, other), frozenset({VIP, other}))
    assert (gone.forgotten, gone.removed, gone.kept) == ((), (other,), ())
    assert leaving([VIP], [VIP], present(VIP, other), frozenset({VIP})).removed == ()


def test_what_has_gone_by_itself_is_forgotten() -> None:
    other = virtual("192.0.2.11")
    assert leaving([], [], present(), frozenset({other})).forgotten == (other,)


def test_an_address_that_only_gets_another_label_is_not_removed() -> None:
    relabelled = virtual("192.0.2.10", "eth0:2")
    assert leaving([relabelled], [relabelled], present(VIP), frozenset({VIP})).forgotten == (VIP,)


def test_an_address_that_moves_stays_until_it_can_be_used_where_it_goes() -> None:
    moved = virtual("192.0.2.10", "eth1:1")
    owned = frozenset({VIP, moved})
    assert leaving([moved], [], present(VIP, moved), owned).kept == (VIP,)
    assert leaving([moved], [moved], present(VIP, moved), owned).removed == (VIP,)


VIRTUALS = st.frozensets(
    st.builds(
        virtual,
        st.sampled_from(["192.0.2.10", "192.0.2.11", "2001:db8::10"]),
        st.sampled_from(["eth0", "eth0:1", "eth1:1"]),
        st.sampled_from([24, 32]),
    )
)


@given(VIRTUALS, VIRTUALS, VIRTUALS, VIRTUALS)
def test_nothing_foreign_is_removed_and_an_address_is_never_taken_away_before_it_is_elsewhere(
    wanted: Iterable[VirtualAddress],
    usable: frozenset[VirtualAddress],
    there: Iterable[VirtualAddress],
    owned: frozenset[VirtualAddress],
) -> None:
    gone = leaving(tuple(wanted), usable, present(*there), owned)
    every = [*gone.forgotten, *gone.removed, *gone.kept]
    assert len(every) == len(set(every))
    assert set(every) == owned.difference(wanted)
    wanted_addresses = {at.address for at in wanted}
    for at in gone.removed:
        assert at.address not in wanted_addresses or at.address in {one.address for one in usable}
