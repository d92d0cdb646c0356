"""SIP with Kamailio: what it answers to OPTIONS."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import SOCK_DGRAM

from app.lvs.model.check_kinds import CheckKind
from tests.free_ports import free_port
from tests.protocols.loopback import each_address, is_well_until_it_is_stopped_or_gone, taken
from tests.protocols.servers import as_user, program, running
from tests.protocols.verdicts import fails, passes

CONFIGURATION = """
children=1
disable_tcp=yes
auto_aliases=no
listen=udp:127.0.0.1:{port}
listen=udp:[::1]:{port}
loadmodule "sl.so"
loadmodule "sanity.so"
loadmodule "maxfwd.so"
request_route {{
    # It answers 400 itself to what is malformed.
    if (!sanity_check()) {{
        exit;
    }}
    if (!mf_process_maxfwd_header("70")) {{
        sl_send_reply("483", "Too Many Hops");
    }} else if (method != "OPTIONS") {{
        sl_send_reply("405", "Method Not Allowed");
    }} else if (uri =~ "^sip:gone@") {{
        sl_send_reply("410", "Gone");
    }} else if (uri =~ "^sip:busy@") {{
        sl_send_reply("503", "Service Unavailable");
    }} else {{
        sl_send_reply("200", "Keepalive");
    }}
}}
"""


@contextmanager
def serving(directory: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    kamailio = program("kamailio", "kamailio")
    port = free_port(SOCK_DGRAM)
    configuration = directory / "kamailio.cfg"
    configuration.write_text(CONFIGURATION.format(port=port))
    # In the foreground, its messages to us, its memory small, its directories ours.
    options: list[str | Path] = [
        "-DD",
        "-E",
        "-m",
        "16",
        "-M",
        "4",
        "-w",
        directory,
        "-Y",
        directory,
        "-f",
        configuration,
    ]
    command: list[str | Path] = [*as_user("nobody", directory), kamailio, *options]
    with running(command, cwd=directory, ready=taken(port, CheckKind.SIP)) as process:
        yield port, process


@each_address
def test_it_is_well_until_it_is_stopped_or_gone(tmp_path: Path, address: str) -> None:
    with serving(tmp_path) as (port, process):
        said = is_well_until_it_is_stopped_or_gone(process, port, CheckKind.SIP, address)
    assert said.endswith(": status 200 Keepalive")


def test_the_user_who_is_asked_for_decides_the_status(tmp_path: Path) -> None:
    with serving(tmp_path) as (port, _):
        passes(port, CheckKind.SIP, name="monitor")
        assert fails(port, CheckKind.SIP, name="gone").endswith(": status 410 Gone")
        assert fails(port, CheckKind.SIP, name="busy").endswith(": status 503 Service Unavailable")
