"""pulse on a kernel that was started without IPv6, with one IPv6 virtual server among those of IPv4."""

import json
import os
import subprocess
import sys

import pytest

from lab.inside import CLONE
from lab.which_kernel import Kernel, which_kernel
from tests.pulse.reconciling import FOUR, NEW, SIX

pytestmark = pytest.mark.skipif(
    which_kernel(os.environ) is Kernel.NATIVE, reason="this machine's own kernel serves: it is started as it is"
)


def test_one_ipv6_service_is_the_only_one_that_is_not_there_and_the_reason_is_said() -> None:
    command = [sys.executable, "-m", "lab.inside", "--kernel", "embedded", "--kernel-argument", "ipv6.disable=1"]
    inside = [*command, "--", "python", "-m", "tests.pulse.without_ipv6"]
    ran = subprocess.run(inside, cwd=CLONE, capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = json.loads(ran.stdout.splitlines()[-1])
    for services, up, remained, trouble in found["rounds"]:
        assert (services, up, trouble) == ([FOUR, NEW], [FOUR, NEW], "")
        assert len(remained) == 2
        assert all(SIX in sentence and "this kernel has no IPv6" in sentence for sentence in remained)
        assert "start the kernel without 'ipv6.disable=1'" in remained[0]
    assert f"warning: {SIX} cannot be served by this machine: this kernel has no IPv6" in found["check"]
