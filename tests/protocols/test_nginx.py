"""HTTP and HTTPS with nginx; and nginx as what answers where another protocol is expected."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import pytest

from app.lvs.checks.check import HttpRequest, Login, TlsSettings
from app.lvs.model.check_kinds import CheckKind
from tests.free_ports import free_port
from tests.host.probes.kinds.greeting_kinds import KINDS
from tests.protocols.certificate import HOST, self_signed
from tests.protocols.servers import as_user, program, running
from tests.protocols.verdicts import (
    fails,
    fails_for_its_certificate,
    is_refused,
    passes,
    times_out_while_stopped,
)

DAYS = 30
WELL = ((200, 399),)
PAGE = HttpRequest("/", "", WELL)
CONFIGURATION = """
daemon off;
pid {directory}/pid;
error_log stderr;
events {{}}
http {{
  access_log off;
  client_body_temp_path {directory}/body;
  proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi;
  scgi_temp_path {directory}/scgi;
  server {{
    listen 127.0.0.1:{plain};
    listen [::1]:{plain};
    listen 127.0.0.1:{tls} ssl;
    ssl_certificate {files.certificate};
    ssl_certificate_key {files.key};
    location / {{ return 200 "all is well"; }}
    location /broken {{ return 503; }}
    location /moved {{ return 302 /; }}
    location /asking {{ if ($http_x_who != "palometa") {{ return 403; }} return 200; }}
    location /closed {{
      auth_basic closed;
      auth_basic_user_file {directory}/users;
      root {directory};
      try_files /users =404;
    }}
    location /post {{ if ($request_method != HEAD) {{ return 405; }} return 204; }}
  }}
  server {{
    listen 127.0.0.1:{plain};
    server_name {host};
    location / {{ return 200 "by its name"; }}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Served:
    process: subprocess.Popen[bytes]
    plain: int
    tls: int


@contextmanager
def serving(directory: Path) -> Iterator[Served]:
    nginx = program("nginx", "nginx")
    plain, tls = free_port(), free_port()
    files = self_signed(directory, DAYS)
    configuration = directory / "nginx.conf"
    configuration.write_text(
        CONFIGURATION.format(directory=directory, files=files, plain=plain, tls=tls, host=HOST)
    )
    (directory / "users").write_text("reader:{PLAIN}hunter2\n")
    somebody = as_user("nobody", directory)
    command = [*somebody, nginx, "-e", "stderr", "-p", str(directory), "-c", str(configuration)]
    with running(command, cwd=directory, port=plain) as process:
        yield Served(process, plain, tls)


def test_it_is_well_until_it_is_stopped_or_gone(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        assert passes(served.plain, CheckKind.HTTP, http=PAGE).endswith(": status 200")
        passes(served.plain, CheckKind.HTTP, http=PAGE, address=ip_address("::1"))
        times_out_while_stopped(served.process, served.plain, CheckKind.HTTP, http=PAGE)
    is_refused(served.plain, CheckKind.HTTP, http=PAGE)


def test_the_status_and_the_text_have_to_be_right(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        passes(served.plain, CheckKind.HTTP, http=PAGE, expect=b"is well")
        assert "'is ill' not found in" in fails(served.plain, CheckKind.HTTP, http=PAGE, expect=b"is ill")
        passes(served.plain, CheckKind.HTTP, http=HttpRequest("/", HOST, WELL), expect=b"by its name")
        passes(served.plain, CheckKind.HTTP, http=HttpRequest("/moved", "", WELL))
        for path, status in (("/broken", 503), ("/asking", 403), ("/closed", 401), ("/post", 405)):
            said = fails(served.plain, CheckKind.HTTP, http=HttpRequest(path, "", WELL))
            assert said.endswith(f": status {status}")


def test_a_method_headers_and_a_login_are_sent(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        passes(served.plain, CheckKind.HTTP, http=HttpRequest("/post", "", WELL, method="HEAD"))
        passes(served.plain, CheckKind.HTTP, http=HttpRequest("/asking", "", WELL, headers=("X-Who: palometa",)))
        closed = HttpRequest("/closed", "", WELL)
        passes(served.plain, CheckKind.HTTP, http=closed, login=Login("reader", "hunter2"))
        assert "status 401" in fails(served.plain, CheckKind.HTTP, http=closed, login=Login("reader", "wrong"))


def test_it_is_well_within_tls_and_not_without(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        assert "HTTPS GET /" in passes(served.tls, CheckKind.HTTP, http=PAGE, tls=TlsSettings())
        fails_for_its_certificate(served.tls, CheckKind.HTTP, DAYS, http=PAGE)
        assert "status 400" in fails(served.tls, CheckKind.HTTP, http=PAGE)
        assert "TLS failed: " in fails(served.plain, CheckKind.HTTP, http=PAGE, tls=TlsSettings())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.value)
def test_a_web_server_passes_for_nothing_else(kind: CheckKind, tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        fails(served.plain, kind, limit_s=1)
        fails(served.tls, kind, limit_s=1, tls=TlsSettings())
