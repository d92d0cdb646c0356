"""`palometa convert` and `export`: one configuration in all its forms."""

import json
from pathlib import Path

import pytest

from app.cli import main

TEXT = """\
# hand-made
network = direct
virtual WEB {
     active = 1
     address = 192.0.2.1 eth0:1
     port = 80
     server a {
         address = 192.0.2.11
         active = 1
     }
}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "lvs.cf"
    path.write_text(TEXT)
    return path


def test_converting_lvs_cf_to_lvs_cf_changes_nothing(
    file: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["convert", str(file), "--to", "lvs.cf"]) == 0
    assert capfdbinary.readouterr().out == TEXT.encode()


def test_converting_to_json_and_back_is_lossless(
    file: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["convert", str(file), "--to", "json"]) == 0
    document = capfdbinary.readouterr().out
    assert json.loads(document)["virtual"][0]["server"][0] == {
        "name": "a",
        "address": "192.0.2.11",
        "active": True,
    }
    back = tmp_path / "back.json"
    back.write_bytes(document)
    assert main(["convert", str(back), "--to", "lvs.cf"]) == 0
    assert capfdbinary.readouterr().out.decode() == TEXT.removeprefix("# hand-made\n")


def test_ipvsadm_output_can_be_restored_by_ipvsadm(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", str(file), "--to", "ipvsadm"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "-A -t 192.0.2.1:80 -s wlc",
        "-a -t 192.0.2.1:80 -r 192.0.2.11:80 -g -w 1",
    ]


@pytest.mark.parametrize("text", ["{", '{"virtual": 1}', '{"colour": "red"}', "virtual a {\nport = x\n}\n"])
def test_a_file_that_is_neither_format_is_refused_with_a_message(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "broken"
    path.write_text(text)
    assert main(["convert", str(path), "--to", "json"]) == 1
    assert str(path) in capsys.readouterr().err


def test_export_prints_the_installed_file(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PALOMETA_LVS_CF", str(file))
    assert main(["export", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["network"] == "direct"
