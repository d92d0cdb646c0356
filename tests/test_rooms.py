"""The rooms of the house and who may enter which (ARCHITECTURE.md)."""

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "app"
MAY_IMPORT = {
    "lvs": {"lvs"},
    "host": {"lvs", "host"},
    "store": {"lvs", "store"},
    "accept": {"lvs", "store", "accept", "settings", ""},
    "pulse": {"lvs", "host", "pulse", "settings", ""},
    "web": {"lvs", "store", "accept", "web", "settings", ""},
    "partner": {"lvs", "store", "accept", "partner", "settings", ""},
}
# The unprivileged rooms take these of the machine, and nothing else.
MAY_IMPORT_OF_HOST = {
    "accept": {"app.host.files.atomic_file", "app.host.control_client", "app.host.names"},
    "web": {"app.host.files.atomic_file", "app.host.control_client", "app.host.names", "app.host.systemd_units"},
    "partner": {
        "app.host.files.atomic_file",
        "app.host.control_client",
        "app.host.names",
        "app.host.pinned_tls",
    },
}
# Within a room: its folders in the order of import, each with those it may import from.
MAY_IMPORT_IN_LVS = {
    "model": set[str](),
    "reports": set[str](),
    "keywords": {"model"},
    "ipvs": {"model", "reports"},
    "grammar": {"model", "keywords"},
    "desired": {"model", "keywords", "ipvs"},
    "pair": {"model", "keywords", "reports"},
    "table_page": {"model", "ipvs", "reports"},
    "notify": {"model", "reports"},
    "formats": {"model", "keywords", "grammar"},
    "piranha": {"model", "keywords", "grammar"},
    "checks": {"model", "keywords", "grammar", "formats", "desired"},
    "health": {"model", "keywords", "ipvs", "desired", "checks"},
    "rules": {"model", "keywords", "ipvs", "desired", "pair", "notify", "checks"},
}
MODULES_IN_A_FOLDER = 16
# A file each by design: one for each command, one for each kind of check.
FLAT = {"commands", "host/probes/kinds"}
LINES_IN_A_FILE = 400
LINES_IN_A_FUNCTION = 50
IO_MODULES = {"os", "io", "pathlib", "subprocess", "time", "datetime", "logging", "random", "asyncio", "select"}
THROUGH_A_SHELL = {
    "create_subprocess_shell",
    "subprocess_shell",
    "getoutput",
    "getstatusoutput",
    "system",
    "popen",
}
EVERY_MODULE = sorted(ROOT.rglob("*.py"))
MODULES = [path for path in EVERY_MODULE if path.relative_to(ROOT).parts[0] in MAY_IMPORT]
TESTS = ROOT.parent / "tests"
FOLDERS = sorted({path.parent for path in EVERY_MODULE})


def name_of(path: Path) -> str:
    """Return the path of a module or folder below `app`, as a test's id."""
    return str(path.relative_to(ROOT))


def module_name(path: Path) -> str:
    """Return the dotted name a module is imported by."""
    parts = ("app", *path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


BY_NAME = {module_name(path): path for path in EVERY_MODULE}


@cache
def imports_of(path: Path) -> frozenset[str]:
    """Return the names of the modules that the module at `path` imports, anywhere in it."""
    return frozenset(_imports(ast.walk(ast.parse(path.read_text()))))


def names_of_others(path: Path) -> set[str]:
    """Return the names that the module at `path` takes from other modules or objects, each by itself."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    imported = {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
    return imported | {node.attr for node in nodes if isinstance(node, ast.Attribute)}


def _imports(nodes: Iterator[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                module = f"{node.module}.{alias.name}"
                yield module if module in BY_NAME else node.module


def own_imports(path: Path) -> set[str]:
    """Return the modules of ours that the module at `path` imports."""
    return {name for name in imports_of(path) if name in BY_NAME}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_room_imports_only_what_it_may(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    for name in own_imports(path) - MAY_IMPORT_OF_HOST.get(room, set()):
        other = name.split(".")[1] if "." in name else ""
        assert other in MAY_IMPORT[room], f"{path} imports {name}"


@pytest.mark.parametrize("path", sorted((ROOT / "lvs").rglob("*.py")), ids=name_of)
def test_a_folder_of_the_domain_imports_only_what_it_may(path: Path) -> None:
    folder = path.relative_to(ROOT).parts[1]
    if folder == "__init__.py":
        return
    for name in own_imports(path):
        other = name.split(".")[2]
        assert other == folder or other in MAY_IMPORT_IN_LVS[folder], f"{path} imports {name}"


def test_no_folder_imports_from_one_that_imports_from_it() -> None:
    """Raises CycleError, which names the circle. A module at the top, a door, stands for itself."""
    folders: dict[Path, set[Path]] = {}
    for path in EVERY_MODULE:
        others = {folder_of(BY_NAME[name]) for name in own_imports(path)}
        folders.setdefault(folder_of(path), set()).update(others - {folder_of(path)})
    TopologicalSorter(folders).prepare()


def folder_of(path: Path) -> Path:
    """Return the folder of a module; of one at the top, the module."""
    return path if path.parent == ROOT else path.parent


def test_no_module_imports_one_that_imports_it() -> None:
    """Raises CycleError, which names the circle."""
    TopologicalSorter({module_name(path): own_imports(path) for path in EVERY_MODULE}).prepare()


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_a_folder_can_be_taken_in_at_a_glance(folder: Path) -> None:
    modules = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
    assert len(modules) <= MODULES_IN_A_FOLDER or name_of(folder) in FLAT


@pytest.mark.parametrize("path", EVERY_MODULE, ids=name_of)
def test_files_and_functions_are_short(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= LINES_IN_A_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < LINES_IN_A_FUNCTION, node.name


@pytest.mark.parametrize("folder", ["bench", "lab", "tests"])
def test_files_beside_the_program_are_short_too(folder: str) -> None:
    long = [
        path
        for path in (ROOT.parent / folder).rglob("*.py")
        if len(path.read_text().splitlines()) > LINES_IN_A_FILE
    ]
    assert long == []


@pytest.mark.parametrize("path", sorted((ROOT / "lvs").rglob("*.py")), ids=name_of)
def test_the_domain_does_no_io_and_has_no_clock(path: Path) -> None:
    assert not {name.split(".")[0] for name in imports_of(path)} & IO_MODULES
    assert not [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("open", "print")
    ]


@pytest.mark.parametrize("path", EVERY_MODULE, ids=name_of)
def test_no_value_ever_reaches_a_shell(path: Path) -> None:
    assert "shell=True" not in path.read_text()
    assert not THROUGH_A_SHELL & names_of_others(path)


@pytest.mark.parametrize("path", EVERY_MODULE, ids=name_of)
def test_no_program_forks_itself(path: Path) -> None:
    # A thread that looks up a name may hold a lock for which the child would wait for ever: see host/names.py.
    assert not {"fork", "forkpty", "ProcessPoolExecutor"} & names_of_others(path)
    assert not [name for name in imports_of(path) if name.split(".")[0] == "multiprocessing"]


@pytest.mark.parametrize("path", EVERY_MODULE, ids=name_of)
def test_a_variable_says_what_it_holds(path: Path) -> None:
    names = {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}
    assert "one" not in names


def test_a_class_name_has_one_meaning() -> None:
    homes: dict[str, set[str]] = {}
    for path in EVERY_MODULE:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                homes.setdefault(node.name.lstrip("_"), set()).add(f"{module_name(path)}.{node.name}")
    assert {name: sorted(found) for name, found in homes.items() if len(found) > 1} == {}


def test_a_test_shares_nothing_with_another_and_reaches_for_nothing_private() -> None:
    wrong = [f"{path.relative_to(TESTS)} {found}" for path in TESTS.rglob("*.py") for found in _reaches(path)]
    assert wrong == []


def _reaches(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").rpartition(".")[2].startswith("test_"):
            yield f"line {node.lineno} imports from {node.module}"
        if not isinstance(node, ast.Attribute) or ast.unparse(node.value) in ("self", "os"):
            continue
        if node.attr.startswith("_") and not node.attr.startswith("__"):
            yield f"line {node.lineno} reaches for {ast.unparse(node)}"
