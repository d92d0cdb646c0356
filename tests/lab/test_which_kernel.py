"""The choice of the kernel, and what is refused."""

import pytest

from lab.which_kernel import Kernel, which_kernel


@pytest.mark.parametrize("kernel", list(Kernel))
def test_the_one_that_is_named_is_taken(kernel: Kernel) -> None:
    assert which_kernel({"PALOMETA_KERNEL": kernel.value}) is kernel


def test_a_name_that_is_none_is_refused_with_those_that_are() -> None:
    with pytest.raises(SystemExit, match=r"PALOMETA_KERNEL is 'uml': set it to native or embedded"):
        which_kernel({"PALOMETA_KERNEL": "uml"})
