"""Installs the units as README.md says, uses them, and prints what was found; run by lab/systemd-init, as root."""

import json
import pwd
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

from app.host.control_client import ControlUnreachable, ask
from tests.waiting import until

CLONE = Path("/opt/palometa")
WEB, PULSE, PARTNER = UNITS = ("palometa-web", "palometa-pulse", "palometa-partner")
LVS_CF = Path("/etc/sysconfig/ha/lvs.cf")
SOCKET = Path("/run/palometa/pulse.sock")
PAGES = "http://127.0.0.1:3636"
VIRTUAL = "192.0.2.100"
CONFIG = """serial_no = SERIAL
network = direct
on_stop = ON_STOP
virtual shop {
     active = 1
     address = VIRTUAL dummy0:1
     port = 80
     check = none
     server one {
         address = 192.0.2.10
         active = 1
         weight = 7
     }
}
"""
TOLD = ("ActiveState", "UnitFileState", "NRestarts")
STARTING_S = 240.0
"""How long a start may take in a slow kernel on a busy machine."""
ORDER = Path("/var/lib/palometa/order")
# The web unit has no ExecReload of its own: here it runs what the tests want as a process of that unit.
INTRUDER = f"""[Service]
TimeoutStartSec=300
ExecReload={CLONE}/.venv/bin/python -I {CLONE}/tests/lab/under_systemd/intruder.py {ORDER}
"""


def run(*command: str) -> str:
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise AssertionError(f"{' '.join(command)}: {ran.returncode}\n{ran.stdout}{ran.stderr}")
    return ran.stdout


def read(name: str, unit: str) -> str:
    return run("systemctl", "show", "--value", f"--property={name}", unit).strip()


def journal(unit: str) -> str:
    return run("journalctl", "--no-pager", "--output=cat", f"--unit={unit}")


def limit_file(unit: str, name: str) -> str:
    return Path(f"/sys/fs/cgroup{read('ControlGroup', unit)}/{name}").read_text()


def page(address: str = f"{PAGES}/health") -> int:
    """Return the status of a page; 0 while nobody listens."""
    try:
        with urlopen(address, timeout=60) as answer:
            return int(answer.status)
    except OSError:
        return 0


def table() -> list[str]:
    return run("ipvsadm", "-Sn").splitlines()


def connections() -> str:
    """Return the kernel's count of connections to the service, which begins anew where the service does."""
    lines = run("ipvsadm", "-Ln", "--stats", "--exact").splitlines()
    return next(line.split()[2] for line in lines if line.startswith("TCP"))


def is_up() -> bool:
    return f" {VIRTUAL}/" in run("ip", "-4", "address", "show", "dev", "dummy0")


def traffic() -> dict[str, object]:
    return {"table": table(), "connections": connections(), "is_up": is_up(), "pulse": read("MainPID", PULSE)}


def configure(serial: int, on_stop: str) -> None:
    fresh = LVS_CF.with_name("fresh")
    fresh.write_text(CONFIG.replace("SERIAL", str(serial)).replace("ON_STOP", on_stop).replace("VIRTUAL", VIRTUAL))
    fresh.chmod(0o640)
    fresh.rename(LVS_CF)
    run("systemctl", "reload", PULSE)
    until(lambda: applied() == serial, lambda: journal(PULSE), STARTING_S)


def applied() -> int:
    """Return the serial that pulse has applied; 0 while it has not, or does not answer."""
    with suppress(ControlUnreachable):
        done = ask(SOCKET, "status")["applied"]
        return int(done["serial_no"]) if done else 0
    return 0


def intrude(what: str) -> dict[str, object]:
    ORDER.write_text(f"{what} {read('MainPID', PULSE)}")
    ORDER.chmod(0o644)
    subprocess.run(["systemctl", "reload", WEB], check=False)
    found: dict[str, object] = json.loads(ORDER.with_name("found").read_text())
    return found


def install() -> dict[str, object]:
    """Follow README.md, with an interface that the virtual IP can be on."""
    run("ip", "link", "add", "dummy0", "type", "dummy")
    run("ip", "link", "set", "dummy0", "up")
    run("ip", "address", "add", "192.0.2.1/24", "dev", "dummy0")
    dropped = Path(f"/etc/systemd/system/{WEB}.service.d/intruder.conf")
    dropped.parent.mkdir()
    dropped.write_text(INTRUDER)
    written = (CLONE / "README.md").read_text().partition("## Install as services\n")[2].split("```\n")[1]
    commands = written.splitlines()
    # lab/setup and the reading of the journal are not for here; the rest is, in its order.
    for command in commands[1:-1]:
        run("sh", "-ec", command)
    run("systemctl", "enable", "--now", PARTNER)
    return {"skipped": [commands[0], commands[-1]]}


def start() -> dict[str, object]:
    until(lambda: _listens(3636), lambda: journal(WEB), STARTING_S)
    until(lambda: _listens(3637), lambda: journal(PARTNER), STARTING_S)
    configure(1, "keep")
    link = re.search(rf"Set the first password: {PAGES}(/setup/\S+)", journal(WEB))
    return {
        "setup_page": page(PAGES + link[1]) if link else journal(WEB),
        "units": {unit: {name: read(name, unit) for name in TOLD} for unit in UNITS},
        "processes": {unit: _rights(read("MainPID", unit)) for unit in UNITS},
        "limits": {
            unit: [limit_file(unit, name).strip() for name in ("memory.max", "pids.max")] for unit in UNITS
        },
        "after": traffic(),
    }


def _rights(process: str) -> dict[str, str]:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    told = dict(line.split(":\t", 1) for line in lines)
    return {name: told[name] for name in ("CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp")} | {
        "user": pwd.getpwuid(int(told["Uid"].split()[0])).pw_name
    }


def _listens(port: int) -> bool:
    with socket.socket() as opened:
        return opened.connect_ex(("127.0.0.1", port)) == 0


def connect() -> dict[str, object]:
    """Make the kernel count a connection, to see later whether it is still counted."""
    with socket.socket() as opened:
        opened.setblocking(False)
        opened.connect_ex((VIRTUAL, 80))
    # The kernel adds up what it counts every two seconds.
    until(lambda: connections() == "1", connections)
    return {"after": traffic()}


def refused() -> dict[str, object]:
    return {**intrude("attempt"), "after": traffic()}


def forks() -> dict[str, object]:
    found = intrude("fork")
    events = limit_file(WEB, "pids.events").split()
    return {**found, "times": int(events[1]), "page": until(page, "a page", STARTING_S), "after": traffic()}


def memory() -> dict[str, object]:
    web = read("MainPID", WEB)
    found = intrude("eat")
    return {
        **found,
        "events": dict(line.split() for line in limit_file(WEB, "memory.events").splitlines()),
        "peak": int(limit_file(WEB, "memory.peak")),
        "page": until(page, "a page", STARTING_S),
        "is_same_web": read("MainPID", WEB) == web,
        "units": {unit: {name: read(name, unit) for name in TOLD} for unit in UNITS},
        "after": traffic(),
    }


def restart_web() -> dict[str, object]:
    before = read("MainPID", WEB)
    run("systemctl", "restart", WEB)
    until(page, lambda: journal(WEB), STARTING_S)
    return {"is_new": read("MainPID", WEB) != before, "after": traffic()}


def restart_pulse() -> dict[str, object]:
    run("systemctl", "restart", PULSE)
    return {
        "applied": until(applied, lambda: journal(PULSE), STARTING_S),
        "after": traffic(),
    }


def crash_pulse() -> dict[str, object]:
    before = read("MainPID", PULSE)
    run("kill", "-KILL", before)
    until(lambda: read("MainPID", PULSE) not in ("0", before), lambda: journal(PULSE), STARTING_S)
    return {"applied": until(applied, lambda: journal(PULSE), STARTING_S), "after": traffic()}


def stop_keep() -> dict[str, object]:
    run("systemctl", "stop", PULSE)
    found: dict[str, object] = {"state": read("ActiveState", PULSE), "after": traffic()}
    run("systemctl", "start", PULSE)
    return found


def stop_withdraw() -> dict[str, object]:
    configure(2, "withdraw")
    run("systemctl", "stop", PULSE)
    return {"state": read("ActiveState", PULSE), "table": table(), "is_up": is_up()}


PARTS: dict[str, Callable[[], dict[str, object]]] = {
    part.__name__: part
    for part in (
        install,
        start,
        connect,
        refused,
        forks,
        memory,
        restart_web,
        restart_pulse,
        crash_pulse,
        stop_keep,
        stop_withdraw,
    )
}


def main() -> None:
    """Do one part after another, as each goes on from those before it; print what was found."""
    found = {}
    for name, part in PARTS.items():
        began = time.monotonic()
        found[name] = part()
        sys.stderr.write(f"{name}: {time.monotonic() - began:.1f} s\n")
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
