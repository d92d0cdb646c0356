"""A network namespace with a veth pair, and a listener on its other end."""

from collections.abc import Iterator

import pytest

from tests.host.namespace import own_network
from tests.pulse.addresses.veth import plug_in
from tests.pulse.one_director.announcement_listener import AnnouncementListener


@pytest.fixture
def eth0() -> Iterator[None]:
    """Give the test a namespace of its own, with eth0 and eth1 joined by a cable."""
    with own_network():
        plug_in()
        yield


@pytest.fixture
def listener(eth0: None) -> Iterator[AnnouncementListener]:
    """Hear what is announced on the cable."""
    found = AnnouncementListener()
    yield found
    found.close()
