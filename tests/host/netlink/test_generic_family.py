import errno
from collections.abc import Iterator

import pytest

from app.host.netlink.generic_family import family_id
from app.host.netlink.socket import NetlinkSocket


@pytest.fixture
def kernel() -> Iterator[NetlinkSocket]:
    socket = NetlinkSocket()
    yield socket
    socket.close()


def test_the_kernels_own_family_has_its_fixed_number(kernel: NetlinkSocket) -> None:
    assert family_id(kernel, "nlctrl") == 16


def test_a_family_the_kernel_does_not_have_is_not_found(kernel: NetlinkSocket) -> None:
    with pytest.raises(OSError, match="No such file") as raised:
        family_id(kernel, "NO_SUCH_FAMILY")
    assert raised.value.errno == errno.ENOENT
    assert family_id(kernel, "nlctrl") == 16
