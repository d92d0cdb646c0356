"""The selection of the kernel, and invalid values."""

import pytest

from lab.which_kernel import Kernel, which_kernel


@pytest.mark.parametrize("kernel", list(Kernel))
def test_the_configured_kernel_is_used(kernel: Kernel) -> None:
    assert which_kernel({"PALOMETA_KERNEL": kernel.value}) is kernel


def test_an_invalid_name_is_refused_with_the_valid_ones() -> None:
    with pytest.raises(SystemExit, match=r"PALOMETA_KERNEL is 'uml': set it to native or embedded"):
        which_kernel({"PALOMETA_KERNEL": "uml"})
