"""The JSON of one or more blocks of the configuration, as the token of the request may see them."""

from typing import Any

from flask import jsonify
from werkzeug.wrappers import Response

from app.lvs.formats.config_json import block_to_json
from app.lvs.keywords.table import Block
from app.store import ServerRow, VirtualRow
from app.web.api.http.secrets import say_left_out, visible
from app.web.transfer.export_formats import tagged


def virtual_document(row: VirtualRow) -> dict[str, Any]:
    """Return a virtual server's own settings with its id."""
    return {"id": row.id, **block_to_json(visible(row.virtual))}


def server_document(row: ServerRow) -> dict[str, Any]:
    """Return a real server's settings with its id."""
    return {"id": row.id, **block_to_json(visible(row.server))}


def answer(body: dict[str, Any], serial_no: int, *blocks: Block) -> Response:
    """Return `body`, which shows `blocks`, with the serial as its ETag; 304 for who has it already."""
    response = jsonify(body)
    # Another token may see more.
    response.vary.add("Authorization")
    say_left_out(response, *blocks)
    return tagged(response, serial_no)
