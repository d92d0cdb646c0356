"""Hostile values, and requests that are spoilt with them at random: the same ones for the same seed."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

PLANTED_TAG = "<x-planted"
PLANTED_HEADER = "X-Planted"
HOST = "127.0.0.1"
ELSEWHERE = "evil.example"
TEXTS = (
    "",
    " ",
    "0",
    "-1",
    "1e999",
    "0x10",
    "٣",
    "9" * 400,
    "9" * 30_000,
    f"{PLANTED_TAG}>",
    f"'\"></textarea></title>{PLANTED_TAG} onerror=alert(1)>",
    f"x\r\n{PLANTED_HEADER}: yes\r\n\r\n{PLANTED_TAG}>",
    f"x\n{PLANTED_HEADER}: yes",
    f"//{ELSEWHERE}/",
    f"https://{ELSEWHERE}/",
    f"\\\\{ELSEWHERE}",
    f"/\\{ELSEWHERE}",
    f"javascript:alert('{ELSEWHERE}')",
    "../../../etc/passwd",
    "..;/..;/control",
    "%00",
    "\0",
    "\x7f\x1b[2J",
    "{{7*7}}${7*7}%s%n",
    "a'; DROP TABLE users; --",
    "a" + "\u0301\u0316" * 2000,
    "\u202egnp.exe",
    "\ufeff\u2028\u2029",
    "😀" * 300,
    "A" * 70_000,
    "null",
    "[]",
    "tcp 0.0.0.0:0",
    "::ffff:127.0.0.1",
    "2026-02-30T25:61",
)
ODD_JSON: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    2**31,
    2**63,
    10**400,
    1e308,
    "x",
    [],
    {},
    [[[[[[]]]]]],
    {"a": {"a": {"a": None}}},
    {"name": PLANTED_TAG},
)
HEADERS = (
    "Host",
    "Content-Type",
    "If-Match",
    "If-None-Match",
    "If-Modified-Since",
    "Range",
    "Authorization",
    "Cookie",
    "Referer",
    "Origin",
    "Accept",
    "Accept-Language",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Forwarded-Prefix",
    "X-HTTP-Method-Override",
    "Forwarded",
    "SCRIPT_NAME",
    "SCRIPT-NAME",
    "PATH_INFO",
    "Remote-User",
    "X-CSRFToken",
    "Expect",
    "Upgrade",
)
FORM = "application/x-www-form-urlencoded"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request before it is written down. `fields` are a form's, unless there is a `document` for JSON."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    document: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def bytes(self) -> bytes:
        """Return the request as it goes over the wire, with what a client has to say of it."""
        target = self.path + (f"?{urlencode(self.query, errors='surrogatepass')}" if self.query else "")
        if self.document is not None:
            body, kind = json.dumps(self.document).encode(), "application/json"
        else:
            body, kind = urlencode(self.fields, errors="surrogatepass").encode(), FORM
        headers = {"Host": HOST, "Content-Type": kind, "Content-Length": str(len(body)), **self.headers}
        lines = [f"{self.method} {target} HTTP/1.1", *(f"{name}: {text}" for name, text in headers.items())]
        return "\r\n".join(lines).encode("utf-8", "replace") + b"\r\n\r\n" + body


def spoilt(attempt: Attempt, random: Random) -> Attempt:
    """Return `attempt` with one to three things in it replaced by hostile ones."""
    for _ in range(random.randint(1, 3)):
        attempt = random.choice(SPOILERS)(attempt, random)
    return attempt


def spoilt_bytes(request: bytes, random: Random) -> bytes:
    """Return a request with some of its bytes changed, dropped, doubled or cut off."""
    data = bytearray(request)
    for _ in range(random.randint(1, 4)):
        place = random.randrange(len(data)) if data else 0
        match random.randrange(6):
            case 0:
                data[place : place + 1] = bytes([random.randrange(256)])
            case 1:
                del data[place : place + random.randint(1, 8)]
            case 2:
                data[place:place] = data[place : place + random.randint(1, 40)]
            case 3:
                del data[place:]
            case 4:
                data[place:place] = random.choice(FRAGMENTS)
            case 5:
                end = data.find(b"\r\n") + 2
                data[end:end] = random.choice(FRAGMENTS) + b"\r\n"
    return bytes(data)


FRAGMENTS = (
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b" ",
    b"\t folded",
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nx\r\n0\r\n\r\n",
    b"Transfer-Encoding: gzip, chunked",
    b"Transfer-Encoding : chunked",
    b"Content-Length: 0",
    b"Content-Length: -1",
    b"Content-Length: 99999999999999999999",
    b"Content-Length: 5, 5",
    b"Host: evil.example",
    b"Connection: Authorization, Cookie",
    b"Expect: 100-continue",
    b"Upgrade: websocket\r\nConnection: Upgrade",
    b"X: " + b"y" * 9000,
    b"%0d%0aX-Planted: yes",
    b"HTTP/0.9",
    b"HTTP/2.0",
    b"\xff\xfe\x80",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
)


def _path(attempt: Attempt, random: Random) -> Attempt:
    parts = attempt.path.split("/")
    parts[random.randrange(len(parts))] = quote(random.choice(TEXTS)[:2000], safe=random.choice(("", "/\\:")))
    return replace(attempt, path="/".join(parts) or "/")


def _query(attempt: Attempt, random: Random) -> Attempt:
    name = random.choice((*attempt.query, *QUERY_NAMES, random.choice(TEXTS)[:50]))
    return replace(attempt, query={**attempt.query, name: random.choice(TEXTS)[:2000]})


def _field(attempt: Attempt, random: Random) -> Attempt:
    name = random.choice((*attempt.fields, random.choice(TEXTS)[:50]))
    if name == "csrf_token" and random.random() < 0.9:
        return attempt
    return replace(attempt, fields={**attempt.fields, name: random.choice(TEXTS)})


def _document(attempt: Attempt, random: Random) -> Attempt:
    if attempt.document is None and random.random() < 0.7:
        return attempt
    return replace(attempt, document=_odd(attempt.document, random))


def _odd(value: Any, random: Random) -> Any:
    """Return `value` with something in it replaced, wherever in its depth."""
    if isinstance(value, dict) and value and random.random() < 0.8:
        key = random.choice(list(value))
        return {**value, key: _odd(value[key], random)}
    if isinstance(value, list) and value and random.random() < 0.8:
        place = random.randrange(len(value))
        return [*value[:place], _odd(value[place], random), *value[place + 1 :]]
    return random.choice(ODD_JSON) if random.random() < 0.5 else random.choice(TEXTS)


def _header(attempt: Attempt, random: Random) -> Attempt:
    text = random.choice(TEXTS)[:3000]
    if random.random() < 0.9:
        text = text.replace("\r", "").replace("\n", "").replace("\0", "")
    return replace(attempt, headers={**attempt.headers, random.choice(HEADERS): text})


def _method(attempt: Attempt, random: Random) -> Attempt:
    return replace(attempt, method=random.choice(METHODS))


QUERY_NAMES = (
    "next",
    "filter",
    "sort",
    "view",
    "page",
    "since",
    "at",
    "service",
    "server",
    "client",
    "undo",
    "limit",
)
SPOILERS: tuple[Callable[[Attempt, Random], Attempt], ...] = (
    _path,
    _query,
    _query,
    _field,
    _field,
    _field,
    _document,
    _document,
    _header,
    _method,
)
