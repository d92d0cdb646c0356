"""The configuration as a token may see it: passwords and secrets are for the scope admin only."""

from dataclasses import replace
from typing import Any, TypeVar

from werkzeug.wrappers import Response

from app.lvs.keywords.secret_keys import covered
from app.lvs.keywords.table import Block, keywords_of
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.store import Scope
from app.web.api.http.token_auth import the_token

HEADER = "Palometa-Left-Out"
"""Names the keys that were left out or covered, so that the answer is not mistaken for the whole."""

ADDRESSES = frozenset({"webhook"})
"""Keys whose whole value lets anybody who knows it in somewhere else."""

AnyBlock = TypeVar("AnyBlock", Config, VirtualServer, RealServer)


def visible(block: AnyBlock) -> AnyBlock:
    """Return `block`, with the blocks inside it, as the token of this request may see it."""
    if the_token().scope is Scope.ADMIN:
        return block
    return _without(block)


def say_left_out(response: Response, *blocks: Block) -> None:
    """Name in `response` what `visible` took out of `blocks`."""
    if the_token().scope is Scope.ADMIN:
        return
    names = sorted({name for block in blocks for name in _names(block)})
    if names:
        response.headers[HEADER] = ", ".join(names)


def _without(block: AnyBlock) -> AnyBlock:
    changed: dict[str, Any] = {name: _shown(name, getattr(block, name)) for name in _own_names(block)}
    if isinstance(block, Config):
        virtual = tuple(_without(virtual) for virtual in block.virtual)
        failover = tuple(_without(failover) for failover in block.failover)
        return replace(block, **changed, virtual=virtual, failover=failover)
    if isinstance(block, VirtualServer):
        return replace(block, **changed, server=tuple(_without(server) for server in block.server))
    return replace(block, **changed)


def _shown(name: str, text: str) -> str | None:
    """Return a text with the secrets in it covered; None where it is nothing but a secret."""
    return covered(name, text) if covered(name, "x") == "x" and name not in ADDRESSES else None


def _own_names(block: Block) -> list[str]:
    found = []
    for name in keywords_of(block):
        text = getattr(block, name)
        if isinstance(text, str) and text and (name in ADDRESSES or covered(name, text) != text):
            found.append(name)
    return found


def _names(block: Block) -> set[str]:
    names = set(_own_names(block))
    inner: tuple[Block, ...] = ()
    if isinstance(block, Config):
        inner = (*block.virtual, *block.failover)
    elif isinstance(block, VirtualServer):
        inner = block.server
    return names.union(*(_names(child) for child in inner))
