"""lvs.cf as Piranha's own reader (0.8.6) took it: what it accepted, and where and why it stopped.

Its oddities are kept, since a file is to be judged as it was: a CR anywhere ahead is the end of the line, a line
that begins with a broken quote ends a virtual server, further ones lose their last word.
"""

from dataclasses import replace
from typing import Any

from app.lvs.grammar.lexer import Word, Words, words_as_piranha
from app.lvs.grammar.reader import Reading, decode
from app.lvs.keywords.table import DEFAULT_PORT
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.keyword import BlockKind
from app.lvs.model.name_lookup import NO_NAMES, NameLookup
from app.lvs.model.problem import Path, Problem, Severity
from app.lvs.piranha.statement import opens_block, setting_as_piranha
from app.lvs.piranha.value import PiranhaRefused


def parse_as_piranha(data: bytes, names: NameLookup = NO_NAMES) -> Reading:
    """Read a whole lvs.cf, accepting and refusing exactly what Piranha did, one error at most."""
    text, _ = decode(data)
    if not text:
        message = "Empty configuration: the file has no content; write at least a comment"
        return Reading(None, (Problem(Severity.ERROR, (), message),))
    parser = _Parser(text, names)
    try:
        config = parser.config()
    except PiranhaRefused as refused:
        path = parser.path if refused.key is None else (*parser.path, refused.key)
        column = parser.source.column + refused.column + 1
        return Reading(None, (Problem(Severity.ERROR, path, str(refused), parser.source.line, column),))
    if "\r" in text.rstrip("\r\n"):
        message = (
            "the file contains carriage returns; Piranha reads only the first line of a file with CR LF line ends"
        )
        return Reading(config, (Problem(Severity.WARNING, (), message, 1, 1),))
    return Reading(config, ())


class _Lines:
    """Piranha's walk through the lines."""

    def __init__(self, text: str) -> None:
        self._text = text.partition("\0")[0] + "\n"
        self._at = 0
        self._return_at = self._text.find("\r")
        self.line = 0
        self.column = 0

    def next(self) -> Words | None:
        """Return the words of the next line that has any, None at the end."""
        text = self._text
        while self._at < len(text):
            start, end = self._at, self._line_end()
            self._at = end + 1
            self.line += 1
            first = start
            while text[first] in " \t":
                first += 1
            if text[first] not in "#\r\n":
                self.column = first - start
                return words_as_piranha(text[first:end])
        return None

    def _line_end(self) -> int:
        """Return the next CR, however far ahead, and only without one the next LF."""
        if 0 <= self._return_at < self._at:
            self._return_at = self._text.find("\r", self._at)
        return self._return_at if self._return_at >= 0 else self._text.index("\n", self._at)


class _Parser:
    def __init__(self, text: str, names: NameLookup) -> None:
        self.source = _Lines(text)
        self.path: Path = ()
        self._names = names

    def _words(self) -> list[Word] | None:
        found = self.source.next()
        if found is None:
            return None
        if found.broken_at is not None:
            raise PiranhaRefused(
                "quotation mismatch", ("a quote is not closed by the same quote character"), found.broken_at
            )
        return found.words

    def config(self) -> Config:
        fields: dict[str, Any] = {}
        blocks: dict[str, list[VirtualServer]] = {"virtual": [], "failover": []}
        while (words := self._words()) is not None:
            self.path = ()
            if opens_block(BlockKind.GLOBAL, words):
                kind = words[0].text
                self.path = (kind, len(blocks[kind]))
                blocks[kind].append(self._virtual(BlockKind(kind), words[1].text))
                self.path = ()
            else:
                self._set(BlockKind.GLOBAL, words, fields)
        return Config(**fields, failover=tuple(blocks["failover"]), virtual=tuple(blocks["virtual"]))

    def _set(self, place: BlockKind, words: list[Word], fields: dict[str, Any]) -> None:
        keyword, value = setting_as_piranha(place, words, self._names)
        if value is not None:
            fields[keyword.name] = value

    def _virtual(self, place: BlockKind, name: str) -> VirtualServer:
        fields: dict[str, Any] = {}
        servers: list[tuple[RealServer, int]] = []
        path = self.path
        words = self._words()
        while words and words[0].text != "}":
            if opens_block(place, words):
                self.path = (*path, "server", len(servers))
                servers.append((self._server(words[1].text), fields.get("port", DEFAULT_PORT)))
                self.path = path
            else:
                self._set(place, words, fields)
            # Behind the first line of the block Piranha did not look whether a quote was broken.
            found = self.source.next()
            words = None if found is None else found.words
        final = fields.get("port", DEFAULT_PORT)
        return VirtualServer(
            name=name, **fields, server=tuple(_with_port(server, port, final) for server, port in servers)
        )

    def _server(self, name: str) -> RealServer:
        fields: dict[str, Any] = {}
        words = self._words()
        while words and words[0].text != "}":
            self._set(BlockKind.SERVER, words, fields)
            words = self._words()
        return RealServer(name=name, **fields)


def _with_port(server: RealServer, port: int, final: int) -> RealServer:
    """Give `server` the port its virtual server had where it stands, if that is not its port at last."""
    if server.port is not None or port == final:
        return server
    return replace(server, port=port)
