"""The rooms of the house and who may enter which (ARCHITECTURE.md)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "app"
MAY_IMPORT = {
    "lvs": {"lvs"},
    "host": {"lvs", "host"},
    "store": {"lvs", "store"},
    "pulse": {"lvs", "host", "pulse", "settings", ""},
    "web": {"lvs", "store", "web", "settings", ""},
    "partner": {"lvs", "store", "partner", "settings", ""},
}
WEB_MAY_IMPORT_OF_HOST = {
    "app.host.lvs_cf_file",
    "app.host.control_client",
    "app.host.names",
    "app.host.systemd_units",
}
# ACCEPT knows no page and no request: a partner's change goes by the same way.
PARTNER_MAY_IMPORT = {
    "app.host.lvs_cf_file",
    "app.host.control_client",
    "app.host.names",
    "app.host.pinned_tls",
    "app.accept.accept",
}
IO_MODULES = {"os", "io", "pathlib", "subprocess", "time", "datetime", "logging", "random", "asyncio", "select"}
MODULES = sorted(path for room in MAY_IMPORT for path in (ROOT / room).rglob("*.py"))


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            is_room = node.module in {f"app.{room}" for room in MAY_IMPORT}
            yield from (f"{node.module}.{alias.name}" if is_room else node.module for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_imports_only_what_it_may(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    for name in imports_of(path):
        if name != "app" and not name.startswith("app."):
            continue
        if (room == "web" and name in WEB_MAY_IMPORT_OF_HOST) or (
            room == "partner" and name in PARTNER_MAY_IMPORT
        ):
            continue
        other = name.split(".")[1] if "." in name else ""
        assert other in MAY_IMPORT[room], f"{path} imports {name}"


@pytest.mark.parametrize(
    "path", sorted((ROOT / "lvs").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_the_domain_does_no_io_and_has_no_clock(path: Path) -> None:
    assert not {name.split(".")[0] for name in imports_of(path)} & IO_MODULES
    assert not [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("open", "print")
    ]


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_value_ever_reaches_a_shell(path: Path) -> None:
    source = path.read_text()
    assert "shell=True" not in source
    assert not {"os.system", "os.popen"} & {
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
