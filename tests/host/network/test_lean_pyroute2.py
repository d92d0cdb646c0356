"""pyroute2 takes time and memory: only pulse loads it, when it begins to follow interfaces, and only a part."""

import pytest

from tests.loaded_modules import loaded_after, packages_after


@pytest.mark.parametrize(
    "statements",
    [
        "import app.cli, app.commands.pulse",
        "import app.commands.partner",
        "import app.commands.web, app.web.factory",
    ],
)
def test_no_part_of_palometa_loads_it_at_the_start(statements: str) -> None:
    assert "pyroute2" not in packages_after(statements)


@pytest.mark.parametrize("command", ["check", "plan", "apply", "export"])
def test_no_command_about_a_file_loads_it(command: str) -> None:
    run = f"import app.cli\ntry: app.cli.main(['{command}', '/dev/null'])\nexcept SystemExit: pass"
    assert "pyroute2" not in packages_after(run)


def test_only_the_part_that_is_used_is_loaded() -> None:
    loaded = loaded_after("import app.host.network.interface_socket")
    assert "pyroute2.netlink.nlsocket" in loaded
    assert not loaded & {"pyroute2.ndb", "pyroute2.nftables", "pyroute2.iproute", "pyroute2.netlink.rtnl.tcmsg"}


def test_all_of_it_can_be_imported_afterwards() -> None:
    statements = (
        "from app.host.network.lean_pyroute2 import AsyncNetlinkSocket as ours\n"
        "from pyroute2 import AsyncIPRoute, NetNS, netns\n"
        "assert issubclass(AsyncIPRoute, ours) and NetNS and netns.create"
    )
    assert "pyroute2.ndb" in loaded_after(statements)
