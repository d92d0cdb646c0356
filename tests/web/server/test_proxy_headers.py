"""No header of a client says who asks, how, or for which path; those of a trusted proxy do."""

import re
from collections.abc import Iterator

import pytest

from tests.web.server.pages import Pages, head, running, status_of

HEADERS = [
    "SCRIPT_NAME: /log",
    "SCRIPT_NAME: //evil.example",
    "SCRIPT-NAME: /log",
    "Script_Name: /elsewhere",
    "PATH_INFO: /health",
    "X-Forwarded-Prefix: /evil",
    "X-Script-Name: /evil",
    "X-Forwarded-For: 203.0.113.9",
    "X_Forwarded_For: 203.0.113.9",
    "X-Forwarded-Proto: https",
    "X-Forwarded-Protocol: ssl",
    "X-Forwarded-Ssl: on",
    "X-Forwarded-Host: evil.example",
    "X-Forwarded-Port: 443",
    "X-Forwarded-Server: evil.example",
    "X-Real-Ip: 203.0.113.9",
    "Forwarded: for=203.0.113.9;proto=https;host=evil.example",
    "REMOTE_ADDR: 203.0.113.9",
    "Remote-Addr: 203.0.113.9",
    "REMOTE_USER: admin",
    "Remote-User: admin",
    "WSGI.url_scheme: https",
    "X-HTTP-Method-Override: DELETE",
    "X-Original-Url: /setup/x",
    "X-Rewrite-Url: /setup/x",
]


def told(answer: bytes) -> bytes:
    """Return an answer without what is another one each time."""
    for changing in (rb"(?m)^(Date|Set-Cookie): .*\r\n", rb'name="csrf_token" value="[^"]*"'):
        answer = re.sub(changing, b"", answer)
    return answer


@pytest.mark.parametrize("line", HEADERS)
@pytest.mark.parametrize("path", ["/login", "//evil.example/index.html"])
def test_a_clients_header_changes_nothing(pages: Pages, path: str, line: str) -> None:
    assert told(pages.get(path, line)) == told(pages.get(path))


def test_a_path_that_looks_like_a_host_leads_to_no_other_host(pages: Pages) -> None:
    answer = pages.get("//evil.example/index.html", "SCRIPT_NAME: //evil.example")
    assert not re.search(rb"(?i)\r\nlocation: (//|/\\|http)", answer)
    assert status_of(answer) < 500


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """The pages behind a proxy on this machine."""
    with running(tmp_path_factory.mktemp("proxied"), TRUSTED_PROXY="127.0.0.0/8") as found:
        yield found


def test_a_trusted_proxy_says_how_and_for_which_host(proxied: Pages) -> None:
    assert b"Strict-Transport-Security" in proxied.get("/login", "X-Forwarded-Proto: https")
    assert status_of(proxied.get("/login", "X-Forwarded-Host: evil.example")) == 400


def test_not_even_a_trusted_proxy_says_below_which_path_the_pages_are(proxied: Pages) -> None:
    for line in ("SCRIPT_NAME: /log", "X-Forwarded-Prefix: /log", "PATH_INFO: /health"):
        assert told(proxied.get("/login", line)) == told(proxied.get("/login"))


def test_a_client_behind_a_proxy_is_throttled_by_its_own_address(proxied: Pages) -> None:
    def guess(client: str) -> int:
        lines = (f"X-Forwarded-For: 10.9.9.9, {client}", "Authorization: Bearer wrong", "Connection: close")
        return status_of(proxied.answer(head("GET", "/api/config", *lines) + b"\r\n"))

    tried = [guess("203.0.113.9") for _ in range(4)]
    assert (tried[0], tried[-1]) == (401, 429)
    assert guess("203.0.113.10") == 401
