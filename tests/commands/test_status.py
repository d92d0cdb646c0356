"""palometa status: the tables in ipvsadm's format; connections; repetition."""

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.commands.top import top
from app.exit_codes import ExitCode
from app.settings import Settings
from tests.web.pair_double import owner
from tests.web.pulse_double import PulseDouble, a_service, new_report, running_pulse


@pytest.fixture
def pulse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PulseDouble]:
    monkeypatch.setenv("PALOMETA_RUNTIME_DIRECTORY", str(tmp_path))
    with running_pulse(tmp_path / "pulse.sock") as double:
        double.report["refused"], double.report["trouble"] = [], []
        yield double


def test_stats_have_ipvsadms_columns_with_large_numbers_abbreviated(
    pulse: PulseDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    service = a_service(1)
    numbers = (99_999_999, 100_000_000, 1_000_000_000, 100_000_000_000, 100_000_000_000_000)
    names = ("connections", "packets_in", "packets_out", "bytes_in", "bytes_out")
    service["counters"].update(zip(names, numbers, strict=True))  # type: ignore[typeddict-item]
    pulse.report["services"] = [service]
    pulse.report["kernel"] = "1.2.1 (size=4096)"
    main(["status", "--stats"])
    assert capsys.readouterr().out == (
        "IP Virtual Server version 1.2.1 (size=4096)\n"
        "Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes\n"
        "  -> RemoteAddress:Port\n"
        "TCP  10.1.0.2:80                  99999999  100000K    1000M     100G     100T\n"
        "  -> 10.2.0.2:80                         0        0        0        0        0\n"
    )


def test_split_brain_is_reported_with_the_pair(pulse: PulseDouble, capsys: pytest.CaptureFixture[str]) -> None:
    pair = owner()
    pulse.report["pair"] = pair
    main(["status"])
    assert "pair: Split brain" not in capsys.readouterr().out
    pair["owners"] |= {"dispute": "two", "sentence": "Split brain: both have them."}
    main(["status"])
    assert "pair: Split brain: both have them.\npair: owner since" in capsys.readouterr().out


def test_a_new_director_is_told_what_to_do(pulse: PulseDouble, capsys: pytest.CaptureFixture[str]) -> None:
    pulse.report = new_report()
    assert main(["status"]) == ExitCode.DONE
    assert "no configuration yet: press ACCEPT" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("option", "line"),
    [
        ("--rate", "Prot LocalAddress:Port                 CPS    InPPS   OutPPS    InBPS   OutBPS"),
        ("--thresholds", "Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn "),
        ("--persistent-conn", "Prot LocalAddress:Port            Weight    PersistConn ActiveConn InActConn "),
        ("--timeouts", "Timeout (tcp tcpfin udp): 900 120 300"),
        ("--timeout", "Timeout (tcp tcpfin udp): 900 120 300"),
    ],
)
def test_each_table_has_ipvsadms_heading(
    pulse: PulseDouble, capsys: pytest.CaptureFixture[str], option: str, line: str
) -> None:
    assert main(["status", option]) in (ExitCode.DONE, ExitCode.DIFFERS)
    assert line in capsys.readouterr().out.splitlines()


def test_sync_daemons_are_printed_and_without_any_nothing_is_printed(
    pulse: PulseDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["status", "--daemon"])
    assert capsys.readouterr().out == ""
    pulse.report["daemons"] = [
        {"role": "master", "interface": "eth1", "sync_id": 7, "maxlen": 1400, "group": "", "port": 0, "ttl": 0}
    ]
    main(["status", "--daemon"])
    assert capsys.readouterr().out == "master sync daemon (mcast=eth1, syncid=7, maxlen=1400)\n"


def test_connections_are_ipvsadms_table_and_omissions_go_to_standard_error(
    pulse: PulseDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status", "-c", "--client", "203.0.113.0/24", "--state", "ESTABLISHED"]) == ExitCode.DONE
    printed = capsys.readouterr()
    assert printed.out.splitlines()[:3] == [
        "IPVS connection entries",
        "pro expire state       source             virtual            destination",
        "TCP 14:59  ESTABLISHED 203.0.113.7:50578  192.168.26.10:443  192.168.26.21:443",
    ]
    assert "3 of 25301 entries printed" in printed.err
    assert pulse.connections_asked == [{"client": "203.0.113.0/24", "state": "ESTABLISHED", "verb": "connections"}]


def test_a_filter_alone_selects_connections_and_json_is_the_whole_report(
    pulse: PulseDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["status", "--server", "192.168.26.21:443", "--json"])
    assert json.loads(capsys.readouterr().out)["found"] == 25_301


def test_a_filter_with_another_table_is_refused(pulse: PulseDouble, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--stats", "--client", "192.0.2.1"]) == ExitCode.FAILED
    assert "--client filters connections: use it with -c" in capsys.readouterr().err


def test_an_error_of_pulse_is_printed_unchanged(pulse: PulseDouble, capsys: pytest.CaptureFixture[str]) -> None:
    pulse.connections = {"ok": False, "error": "'pc7' is no address"}
    assert main(["status", "-c", "--client", "pc7"]) == ExitCode.FAILED
    assert capsys.readouterr().err == "palometa status: 'pc7' is no address\n"


def test_watching_continues_when_pulse_stops_and_comes_back(
    pulse: PulseDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    waited: list[float] = []
    moved = tmp_path / "away"

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 1:
            (tmp_path / "pulse.sock").rename(moved)
        elif len(waited) == 2:
            moved.rename(tmp_path / "pulse.sock")
        else:
            raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", wait)
    assert main(["status", "--timeouts", "--watch", "5"]) == 130
    lines: list[Any] = [line for line in capsys.readouterr().out.splitlines() if line]
    assert lines[0] == lines[2] == "Timeout (tcp tcpfin udp): 900 120 300"
    assert lines[1].startswith("pulse is not running")
    assert waited == [5.0, 5.0, 5.0]


def test_an_invalid_interval_is_refused(pulse: PulseDouble, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["status", "--watch", "0"])
    assert "'0' is not an interval: use 0.2 to 3600 seconds" in capsys.readouterr().err


def test_two_tables_are_refused(pulse: PulseDouble) -> None:
    with pytest.raises(SystemExit):
        main(["status", "--stats", "--rate"])


def test_top_prints_the_rates_repeatedly_without_a_terminal(
    pulse: PulseDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", stop)
    settings = Settings(runtime_directory=tmp_path)
    with pytest.raises(KeyboardInterrupt):
        top(settings, argparse.Namespace(seconds=2.0))
    assert "InBPS" in capsys.readouterr().out


def test_what_a_server_said_is_no_command_to_the_terminal(
    pulse: PulseDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    pulse.report["trouble"] = ["keepalived said: \x1b]0;owned\x07 x\napplied 7"]
    main(["status"])
    assert "keepalived said: ␛]0;owned␇ x␊applied 7\n" in capsys.readouterr().out
