"""`make run` and `make demo`: finds the kernel to program, and runs pulse and the web part.

`python -m lab.run [--demo]`. On this machine's own kernel it hands over to lab.serve. Otherwise it boots the
embedded kernel with lab.demo in it, in a network namespace that has a tap interface into the guest, and passes on
connections to the pages of its two routers: the listening sockets are created before that namespace is entered.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from app.lvs.ipvs.service_names import bracketed
from lab.demo import KILL_FILE, PAGES_APART, RATE_FILE, REPORT_FILE
from lab.embedded import Guest, run
from lab.inside import CLONE, environment_inside
from lab.which_kernel import Kernel, which_kernel

TAP = "tap0"
OUTER_ADDRESS = "10.0.2.2/24"
GUEST_ADDRESSES = ("10.0.2.15", "10.0.2.16")
IMAGE_MIB = 256
FIRST_RATE = 5


def main(arguments: list[str]) -> int:
    """Run until stopped; return the exit status for make."""
    parser = argparse.ArgumentParser(prog="python -m lab.run")
    parser.add_argument("--demo", action="store_true", help="always use the embedded kernel")
    parser.add_argument("--listeners", type=int, nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.listeners is None:
        _hand_over(chosen.demo)
    return _run_demo(chosen.listeners)


def _hand_over(is_demo: bool) -> NoReturn:
    if not is_demo and which_kernel(os.environ) is Kernel.NATIVE:
        trees = [str(CLONE), str(Path(sys.base_prefix).resolve())]
        _become(["unshare", "--mount", "--", str(CLONE / "lab/native-serve"), sys.executable, *trees])
    # Kept in a variable: an unreferenced socket would be closed.
    listeners = [_listen(port) for port in _ports()]
    numbers = [str(listener.fileno()) for listener in listeners]
    _become([*_network_namespace(), sys.executable, "-m", "lab.run", "--listeners", *numbers])


def _become(command: list[str]) -> NoReturn:
    os.execvp(command[0], command)  # noqa: S606 - an argument list, no shell


def _listen(port: int) -> socket.socket:
    address = _address()
    try:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        listener = socket.create_server((address, port), family=family)
    except OSError as error:
        raise SystemExit(
            f"Cannot listen on {address} port {port}: {os.strerror(error.errno) if error.errno else error}. Stop "
            f"the process that uses it, or set PALOMETA_PORT or PALOMETA_ADDRESS; the pages of the second router "
            f"use PALOMETA_PORT + {PAGES_APART}."
        ) from None
    listener.set_inheritable(True)
    return listener


def _address() -> str:
    return os.environ.get("PALOMETA_ADDRESS") or "127.0.0.1"


def _ports() -> tuple[int, int]:
    """Return the ports of the pages of the first and the second router."""
    text, highest = os.environ.get("PALOMETA_PORT") or "3636", 65535 - PAGES_APART
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= highest):
        raise SystemExit(
            f"PALOMETA_PORT is '{text}': use a port from 1 to {highest} (default: 3636); the pages of the second "
            f"router use PALOMETA_PORT + {PAGES_APART}."
        )
    return int(text), int(text) + PAGES_APART


def _network_namespace() -> list[str]:
    """Return the command that enters a new network namespace in which this user can create a tap interface."""
    commands = [["unshare", "--net"], ["unshare", "--user", "--map-root-user", "--net"]]
    for command in commands:
        tried = ["ip", "tuntap", "add", "dev", TAP, "mode", "tap"]
        if subprocess.run([*command, *tried], capture_output=True, check=False).returncode == 0:
            return command
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        missing = "this user cannot open /dev/net/tun (as root: modprobe tun && chmod 666 /dev/net/tun)"
    else:
        missing = "this user cannot create namespaces (as root: sysctl -w kernel.unprivileged_userns_clone=1)"
    raise SystemExit(
        "The pages in the embedded kernel are reached over a tap interface in a network namespace, but "
        f"{missing}. Alternatively run it as root."
    )


def _run_demo(listeners: Sequence[int]) -> int:
    """Boot the guest in this network namespace, and relay connections from `listeners` to its pages."""
    for command in (
        ["tuntap", "add", "dev", TAP, "mode", "tap"],
        ["address", "add", OUTER_ADDRESS, "dev", TAP],
        ["link", "set", TAP, "up"],
    ):
        subprocess.run(["ip", *command], check=True)
    passed_on = zip(listeners, GUEST_ADDRESSES, _ports(), strict=True)
    relay = subprocess.Popen(
        [sys.executable, "-m", "lab.relay", *(str(word) for option in passed_on for word in option)],
        pass_fds=listeners,
        start_new_session=True,
    )
    for listener in listeners:
        os.close(listener)
    print("Starting the embedded kernel with a demonstration cluster; this takes about ten seconds.", flush=True)
    try:
        status = run(_guest(_address()))
        # Ctrl-C is the normal way to end it.
        return 0 if status in (128 + signal.SIGINT, 128 + signal.SIGTERM) else status
    finally:
        relay.terminate()
        relay.wait()


def _guest(address: str) -> Guest:
    host = bracketed({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address))
    trusted = " ".join(filter(None, [host, "localhost", os.environ.get("PALOMETA_TRUSTED_HOSTS", "")]))
    urls = [f"http://{host}:{port}" for port in _ports()]
    urls[0] = os.environ.get("PALOMETA_PUBLIC_URL") or urls[0]
    share = _directory() / "demo"
    share.mkdir(parents=True, exist_ok=True)
    (share / RATE_FILE).write_text(f"{FIRST_RATE}\n")
    (share / KILL_FILE).write_text("0\n")
    (share / REPORT_FILE).unlink(missing_ok=True)
    environment = environment_inside(os.environ, Kernel.EMBEDDED)
    pages = [
        word
        for inside, port, url in zip(GUEST_ADDRESSES, _ports(), urls, strict=True)
        for word in (inside, str(port), url)
    ]
    return Guest(
        (sys.executable, "-m", "lab.demo", trusted, *pages),
        environment,
        CLONE,
        share=share,
        state=state_image(),
        tap=TAP,
        memory_mib=1024,
    )


def _directory() -> Path:
    """Return where the demonstration keeps what outlasts it, and the files that steer it."""
    return Path(os.environ.get("PALOMETA_DEMO_DIRECTORY") or CLONE / "var")


def state_image() -> Path:
    """Return the image with the demonstration's database and lvs.cf; create it if it does not exist.

    The guest needs its own file system: in the host's, as the guest sees it, every file belongs to one user.
    """
    image = _directory() / "demo.img"
    if not image.exists():
        made = image.with_suffix(".new")
        made.unlink(missing_ok=True)
        # It will hold the database, the partner link's key and whatever secrets are in lvs.cf.
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            os.ftruncate(descriptor, IMAGE_MIB << 20)
        finally:
            os.close(descriptor)
        subprocess.run(["mkfs.ext4", "-q", str(made)], check=True)
        made.rename(image)
    # One that an earlier version made may be readable for everybody.
    image.chmod(0o600)
    return image


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
