"""What is known follows from a listing and the events since, whatever their order."""

from ipaddress import ip_address

from app.host.network.known_interfaces import KnownInterfaces
from app.host.network.link import AddressNotice, Link, LinkAddress, LinkNotice, Listing

_ETH0, _ETH1 = Link(2, "eth0", True, "02:00:00:00:00:01"), Link(3, "eth1", True, "02:00:00:00:00:02")
_FIRST, _SECOND = LinkAddress(2, ip_address("192.0.2.10"), 24), LinkAddress(3, ip_address("2001:db8::10"), 64)


def _known() -> KnownInterfaces:
    known = KnownInterfaces()
    assert known.replace(Listing((_ETH0, _ETH1), (_FIRST, _SECOND)), ())
    return known


def test_addresses_are_found_by_the_name_of_their_interface() -> None:
    state = _known().state()
    assert state.links == {"eth0": _ETH0, "eth1": _ETH1}
    assert set(state.addresses) == {("eth0", _FIRST), ("eth1", _SECOND)}


def test_an_event_that_changes_nothing_is_no_new_revision() -> None:
    known = _known()
    revision = known.revision
    known.take(AddressNotice(_FIRST, is_gone=False))
    known.take(LinkNotice(_ETH0, is_gone=False))
    assert known.revision == revision
    known.take(AddressNotice(_FIRST, is_gone=True))
    assert known.revision != revision


def test_an_interface_takes_its_addresses_with_it() -> None:
    known = _known()
    known.take(LinkNotice(_ETH0, is_gone=True))
    assert known.state().addresses == (("eth1", _SECOND),)
    assert [device.name for device in known.devices()] == ["eth1"]


def test_an_interface_that_is_renamed_keeps_its_addresses() -> None:
    known = _known()
    known.take(LinkNotice(Link(2, "wan0", True, _ETH0.hardware), is_gone=False))
    assert ("wan0", _FIRST) in known.state().addresses


def test_what_has_changed_since_a_listing_began_outlives_it() -> None:
    known = _known()
    known.take(AddressNotice(_FIRST, is_gone=True))
    revision = known.revision
    is_other = known.replace(Listing((_ETH0, _ETH1), (_FIRST, _SECOND)), [AddressNotice(_FIRST, is_gone=True)])
    assert not is_other
    assert known.revision == revision
    assert known.state().addresses == (("eth1", _SECOND),)
