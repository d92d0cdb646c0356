"""lvs.cf with names nobody knows: refused in words, and what runs goes on."""

from pathlib import Path

import pytest

from app.pulse.process.config_source import ConfigSource
from tests.pulse.web_service_cf import lvs_cf

# Too long for a name of the DNS, so that no resolver has to be waited for.
NOBODY = f"{'w' * 64}.invalid"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lvs.cf"


def test_a_server_whose_name_does_not_resolve_is_named_with_its_line(path: Path) -> None:
    path.write_text(lvs_cf(1, subnet="10.36.0.1").replace("10.36.0.12", NOBODY))
    loaded = ConfigSource(path).load()
    assert loaded.config is None
    (problem,) = loaded.refused
    assert problem.path == ("virtual", 0, "server", 1, "address")
    assert path.read_text().splitlines()[problem.line - 1].strip() == f"address = {NOBODY}"
    assert "no host of that name was found: write the address" in problem.message


def test_a_name_that_resolves_again_is_taken_at_the_next_change(path: Path) -> None:
    source = ConfigSource(path)
    path.write_text(lvs_cf(1).replace("10.36.0.12", NOBODY))
    assert source.load().config is None
    path.write_text(lvs_cf(2).replace("10.36.0.12", "localhost"))
    config = source.load().config
    assert config is not None
    assert str(config.virtual[0].server[1].address) == "127.0.0.1"
