"""The configuration as a token may see it: secrets, and what may hold one, are for the scope admin only."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from werkzeug.wrappers import Response

from app.lvs.keywords.secret_keys import withheld, withheld_in_message
from app.lvs.keywords.table import Block, keywords_of
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.store import Scope
from app.web.api.http.token_auth import the_token

HEADER = "Palometa-Left-Out"
"""Names the keys that were left out or covered, so that the answer is not mistaken for the whole."""

COMMENTS = "comments"
"""Stands in the header for what of lvs.cf is no key: comments, unknown and repeated lines. No pattern finds a
secret in everything a person may have typed there.
"""

AnyBlock = TypeVar("AnyBlock", Config, VirtualServer, RealServer)


def visible(block: AnyBlock) -> AnyBlock:
    """Return `block`, with the blocks inside it, as the token of this request may see it."""
    return block if may_see_secrets() else _without(block)


def may_see_secrets() -> bool:
    """Return whether the token of this request may see everything."""
    return the_token().scope is Scope.ADMIN


def visible_messages(document: Any) -> Any:
    """Return a report of pulse as the token of this request may see it: the sentences about checks in it."""
    return document if may_see_secrets() else _messages_without(document)


def say_left_out(response: Response, *blocks: Block, has_comments: bool = False) -> None:
    """Name in `response` what `visible` took out of `blocks`; `has_comments`: it shows what is no key as well."""
    if may_see_secrets():
        return
    names = {name for block in blocks for name in _names(block)}
    if has_comments and any(_has_layout(block) for block in blocks):
        names.add(COMMENTS)
    if names:
        response.headers[HEADER] = ", ".join(sorted(names))


def _messages_without(document: Any) -> Any:
    match document:
        case str():
            return withheld_in_message(document)
        case Mapping():
            return {name: _messages_without(part) for name, part in document.items()}
        case list() | tuple():
            return [_messages_without(part) for part in document]
    return document


def _without(block: AnyBlock) -> AnyBlock:
    changed: dict[str, Any] = {name: withheld(name, getattr(block, name)) for name in _own_names(block)}
    changed["layout"] = None
    if isinstance(block, Config):
        virtual = tuple(_without(virtual) for virtual in block.virtual)
        failover = tuple(_without(failover) for failover in block.failover)
        return replace(block, **changed, virtual=virtual, failover=failover)
    if isinstance(block, VirtualServer):
        return replace(block, **changed, server=tuple(_without(server) for server in block.server))
    return replace(block, **changed)


def _own_names(block: Block) -> list[str]:
    found = []
    for name in keywords_of(block):
        text = getattr(block, name)
        if isinstance(text, str) and withheld(name, text) != text:
            found.append(name)
    return found


def _names(block: Block) -> set[str]:
    return set(_own_names(block)).union(*(_names(inner) for inner in _inner(block)))


def _has_layout(block: Block) -> bool:
    return block.layout is not None or any(_has_layout(inner) for inner in _inner(block))


def _inner(block: Block) -> tuple[Block, ...]:
    if isinstance(block, Config):
        return (*block.virtual, *block.failover)
    return block.server if isinstance(block, VirtualServer) else ()
