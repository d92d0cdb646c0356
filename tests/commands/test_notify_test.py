"""`palometa notify-test`."""

from pathlib import Path

import pytest

from app.cli import main
from tests.host.messengers.receiver import receiving


def lvs_cf(tmp_path: Path, *lines: str) -> str:
    path = tmp_path / "lvs.cf"
    path.write_text("\n".join(["serial_no = 1", "service = lvs", *lines]) + "\n")
    return str(path)


def test_every_recipient_gets_a_test_message_and_the_result_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with receiving() as receiver:
        where = f"127.0.0.1:{receiver.server_port}"
        assert main(["notify-test", lvs_cf(tmp_path, f'webhook = "http://{where}/hidden"')]) == 0
        ((_, _, document),) = receiver.posted
    assert document["subject"].endswith(": test message")
    assert capsys.readouterr().out == f"delivered: webhook 127.0.0.1 port {receiver.server_port} answered 204\n"


def test_a_failed_delivery_is_reported_and_the_other_recipient_is_notified(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PALOMETA_CHECK_DIRECTORY", str(tmp_path))
    with receiving() as receiver:
        hook = f'webhook = "http://127.0.0.1:{receiver.server_port}/"'
        assert main(["notify-test", lvs_cf(tmp_path, hook, 'notify_program = "tell"')]) == 1
        assert len(receiver.posted) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("delivered: webhook")
    assert second.startswith(f"NOT DELIVERED: program tell: {tmp_path}/tell does not exist")


def test_without_recipients_it_says_how_to_set_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["notify-test", lvs_cf(tmp_path)]) == 1
    assert "set mail_to, webhook or notify_program" in capsys.readouterr().err
