"""The filter of CONTROL/MONITORING: ``state:down vip:10.0.0. sched:mh rs:web`` and free words; each must hold.

A row of a service is shown when the service holds them all or one of its real servers does; of a service that does
not hold them itself, only those servers.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.lvs.ipvs.ipvsadm import FORWARD_WORDS, flags_text
from app.lvs.ipvs.service_names import address_text, endpoint_text, protocol_word, service_name
from app.lvs.table_page.rows import SERVER_STATES, SERVICE_STATES, ServerEntry, ServiceEntry, host_text

OfService = Callable[[ServiceEntry], bool]
OfServer = Callable[[ServerEntry], bool]

STATES = tuple(dict.fromkeys((*SERVICE_STATES, *SERVER_STATES)))
TERMS_MAX = 8
"""Each is asked of every row, in pulse's loop: 50 of them would hold it up for seconds with 10,000 servers."""
_PIECE = re.compile(r'(-?)(?:([A-Za-z]+):)?(?:"([^"]*)"?|(\S*))')
_HEXADECIMAL = frozenset("abcdef")
_NUMBER = re.compile(r"(<|>|<=|>=)?(\d{1,9})")


@dataclass(frozen=True, slots=True)
class Term:
    """One condition. `service` and `server` None: it says nothing of these; `is_inherited`: what a service holds,
    its servers hold."""

    service: OfService | None
    server: OfServer | None
    is_not: bool = False
    is_inherited: bool = True

    def of_service(self, entry: ServiceEntry) -> bool:
        """Return whether the service itself holds it."""
        return self.service is not None and self.service(entry) is not self.is_not

    def of_server(self, entry: ServiceEntry, server: ServerEntry) -> bool:
        """Return whether a server of the service holds it, or has it from its service."""
        is_own = self.server is not None and self.server(server)
        is_had = self.is_inherited and self.service is not None and self.service(entry)
        return (is_own or is_had) is not self.is_not


@dataclass(frozen=True, slots=True)
class Filter:
    """The conditions of a text, and what in it is none: `errors` in words."""

    terms: tuple[Term, ...] = ()
    errors: tuple[str, ...] = ()

    def servers(self, entry: ServiceEntry) -> tuple[ServerEntry, ...] | None:
        """Return the servers of `entry` to show with it; None: neither it nor one of them holds all conditions."""
        is_whole = all(term.of_service(entry) for term in self.terms)
        asked = [term for term in self.terms if term.is_not] if is_whole else self.terms
        found = tuple(server for server in entry.servers if all(term.of_server(entry, server) for term in asked))
        return found if found or is_whole else None


def parse_filter(text: str) -> Filter:
    """Return the filter that `text` is; what cannot be parsed is left out and named in `errors`."""
    terms: list[Term] = []
    errors: list[str] = []
    for found in _PIECE.finditer(text):
        minus, key, quoted, bare = found.groups()
        key = (key or "").lower()
        value = quoted if quoted is not None else bare
        if not key and not value:
            continue
        if len(terms) + len(errors) == TERMS_MAX:
            errors.append(f"A filter has at most {TERMS_MAX} conditions; the rest is ignored.")
            break
        if key and key not in KEYS and set(key) <= _HEXADECIMAL:
            # The beginning of an IPv6 address is no key.
            key, value = "", f"{key}:{value}"
        try:
            terms.append(_term(key, value, bool(minus)))
        except ValueError as wrong:
            errors.append(str(wrong))
    return Filter(tuple(terms), tuple(errors))


def _term(key: str, value: str, is_not: bool) -> Term:
    if not key:
        return _words(value.casefold(), is_not)
    make = KEYS.get(key)
    if make is None:
        raise ValueError(f"“{key}:” is not a filter. Use {', '.join(f'{name}:' for name in KEYS)} or plain words.")
    if not value:
        raise ValueError(f"“{key}:” requires a value directly after it, such as {_EXAMPLES[key]}.")
    return make(value.casefold(), is_not)


def _state(value: str, is_not: bool) -> Term:
    wanted = frozenset(state for state in STATES if state.startswith(value))
    if not wanted:
        raise ValueError(f"“state:{value}” is not a state. Use one of {', '.join(STATES)}.")
    return Term(lambda row: row.state in wanted, lambda row: row.state in wanted, is_not, is_inherited=False)


def _vip(value: str, is_not: bool) -> Term:
    def holds(entry: ServiceEntry) -> bool:
        address = entry.key.address if entry.key is not None else None
        return address is not None and address_text(address).startswith(value.strip("[]"))

    return Term(holds, None, is_not)


def _real_server(value: str, is_not: bool) -> Term:
    def holds(server: ServerEntry) -> bool:
        return value in server.name.casefold() or host_text(server).startswith(value.strip("[]"))

    return Term(None, holds, is_not)


def _virtual_server(value: str, is_not: bool) -> Term:
    return Term(lambda entry: value in entry.name.casefold(), None, is_not)


def _scheduler(value: str, is_not: bool) -> Term:
    return Term(lambda entry: entry.scheduler == value, None, is_not)


def _protocol(value: str, is_not: bool) -> Term:
    if value not in ("tcp", "udp", "sctp", "fwm"):
        raise ValueError(f"“proto:{value}” is not a protocol. Use tcp, udp, sctp or, for firewall marks, fwm.")
    return Term(lambda entry: entry.key is not None and protocol_word(entry.key).lower() == value, None, is_not)


def _port(value: str, is_not: bool) -> Term:
    holds = _number("port", value)
    return Term(lambda entry: entry.key is not None and holds(entry.key.port), None, is_not)


def _mark(value: str, is_not: bool) -> Term:
    holds = _number("mark", value)
    return Term(lambda row: row.key is not None and bool(row.key.fwmark) and holds(row.key.fwmark), None, is_not)


def _weight(value: str, is_not: bool) -> Term:
    holds = _number("weight", value)
    return Term(None, lambda row: row.destination is not None and holds(row.destination.weight), is_not)


def _forward(value: str, is_not: bool) -> Term:
    wanted = [forward for forward, word in FORWARD_WORDS.items() if word.lower() == value]
    if not wanted:
        raise ValueError(f"“fwd:{value}” is not a forwarding method. Use route, tunnel, masq or local.")
    return Term(None, lambda row: row.destination is not None and row.destination.forward in wanted, is_not)


def _number(key: str, value: str) -> Callable[[int], bool]:
    found = _NUMBER.fullmatch(value)
    if found is None:
        raise ValueError(f"“{key}:{value}” is not a number. Write {key}:1, {key}:>1 or {key}:<=10.")
    number = int(found[2])
    match found[1]:
        case "<":
            return lambda found: found < number
        case ">":
            return lambda found: found > number
        case "<=":
            return lambda found: found <= number
        case ">=":
            return lambda found: found >= number
        case _:
            return lambda found: found == number


def _words(value: str, is_not: bool) -> Term:
    return Term(
        lambda entry: any(value in text.casefold() for text in _texts_of_service(entry)),
        lambda server: any(value in text.casefold() for text in _texts_of_server(server)),
        is_not,
    )


def _texts_of_service(entry: ServiceEntry) -> Iterator[str]:
    yield entry.name or "unmanaged"
    yield entry.scheduler
    if entry.key is not None:
        yield f"{protocol_word(entry.key)} {service_name(entry.key)}"
    if entry.service is not None:
        yield flags_text(entry.service)


def _texts_of_server(server: ServerEntry) -> Iterator[str]:
    yield server.name
    if server.key is not None:
        yield endpoint_text(server.key.address, server.key.port)
    if server.destination is not None:
        yield FORWARD_WORDS[server.destination.forward]


KEYS: Mapping[str, Callable[[str, bool], Term]] = MappingProxyType(
    {
        "state": _state,
        "vip": _vip,
        "vs": _virtual_server,
        "rs": _real_server,
        "sched": _scheduler,
        "proto": _protocol,
        "port": _port,
        "mark": _mark,
        "weight": _weight,
        "fwd": _forward,
    }
)
"""The filters by the word before the colon."""

_EXAMPLES = MappingProxyType(
    {
        "state": "state:down",
        "vip": "vip:10.0.0.",
        "vs": "vs:shop",
        "rs": "rs:web",
        "sched": "sched:mh",
        "proto": "proto:udp",
        "port": "port:443",
        "mark": "mark:7",
        "weight": "weight:0",
        "fwd": "fwd:masq",
    }
)
