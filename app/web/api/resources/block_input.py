"""One block sent by a program: its document becomes a block, or is refused with every problem."""

from typing import TypeVar

from app.lvs.formats.config_json import JsonRefused, block_from_json, block_to_json, from_json
from app.lvs.grammar.value_writer import Unwritable
from app.lvs.grammar.writer import render
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.keyword import BlockKind
from app.lvs.model.problem import Path, Problem, Severity
from app.web.api.http.refusal import refuse, refuse_problems
from app.web.api.http.request_body import Document


def refuse_unwritable(config: Config) -> None:
    """Answer 422 when no lvs.cf can hold `config`."""
    try:
        render(config)
    except (Unwritable, ValueError) as error:
        refuse(
            422,
            f"lvs.cf cannot hold this: {error}",
            "Nothing was changed. Fix the text named above and send it again.",
            problems=[],
        )


AnyServer = TypeVar("AnyServer", VirtualServer, RealServer)


def without_id(document: Document, block_id: int) -> Document:
    """Return `document` without its ``id``, which may stand there as GET gave it, and may not be another one."""
    found = document.get("id", block_id)
    if isinstance(found, bool) or found != block_id:
        message = f"id is {str(found)[:40]!r}; an id never changes: leave it out, or send {block_id}"
        refuse_problems([Problem(Severity.ERROR, ("id",), message)])
    return {key: value for key, value in document.items() if key != "id"}


def changed_block(before: AnyServer, document: Document, path: Path, *, is_patch: bool) -> AnyServer:
    """Return what `document` makes of `before`, which stands at `path`.

    A patch keeps the keys it does not name, and takes out those it gives null.
    """
    place = BlockKind.VIRTUAL if isinstance(before, VirtualServer) else BlockKind.SERVER
    if is_patch:
        document = {**block_to_json(before), **document}
    try:
        after = block_from_json(place, document)
    except JsonRefused as refused:
        refuse_problems(refused.problems, path)
    if not isinstance(after, type(before)):
        raise TypeError(f"{place} makes no {type(before).__name__}")
    refuse_unwritable(_whole(after))
    return after


def new_virtual(document: Document) -> VirtualServer:
    """Return the virtual server `document` holds, real servers and all."""
    try:
        virtual = from_json({"virtual": [document]}).virtual[0]
    except JsonRefused as refused:
        refuse_problems(_below(problem, 2) for problem in refused.problems)
    refuse_unwritable(_whole(virtual))
    return virtual


def new_server(document: Document) -> RealServer:
    """Return the real server `document` holds."""
    try:
        server = block_from_json(BlockKind.SERVER, document)
    except JsonRefused as refused:
        refuse_problems(refused.problems)
    if not isinstance(server, RealServer):
        raise TypeError("a server block makes a real server")
    refuse_unwritable(_whole(server))
    return server


def _below(problem: Problem, depth: int) -> Problem:
    return Problem(problem.severity, problem.path[depth:], problem.message)


def _whole(block: VirtualServer | RealServer) -> Config:
    virtual = block if isinstance(block, VirtualServer) else VirtualServer(name="x", server=(block,))
    return Config(virtual=(virtual,))
