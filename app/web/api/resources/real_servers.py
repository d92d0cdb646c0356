"""The real servers of a virtual server for programs, each under its id."""

from werkzeug.wrappers import Response

from app.accept.accept import ChangeResult
from app.store import Edit, Gone
from app.web.api.http.etag import seen_by_writer
from app.web.api.http.refusal import refuse
from app.web.api.http.request_body import sent_object
from app.web.api.http.saving import no_such, save
from app.web.api.resources.block_input import changed_block, new_server, without_id
from app.web.api.resources.block_output import answer, server_document
from app.web.change.conflict import find_server, find_virtual
from app.web.change.summary import changed
from app.web.frame.current import current

LIST = "GET /api/virtual lists what is there."


def get_real_servers(virtual_id: int) -> Response:
    """Return the real servers of a virtual server."""
    snapshot = current.store.snapshot()
    try:
        row = find_virtual(snapshot, virtual_id)
    except Gone as gone:
        refuse(404, no_such(gone), LIST)
    body = {"serial_no": snapshot.serial_no, "server": [server_document(server) for server in row.servers]}
    return answer(body, snapshot.serial_no, *row.virtual.server)


def get_real_server(virtual_id: int, server_id: int) -> Response:
    """Return one real server's settings."""
    snapshot = current.store.snapshot()
    try:
        row = find_server(snapshot, virtual_id, server_id).row
    except Gone as gone:
        refuse(404, no_such(gone), LIST)
    return answer(server_document(row), snapshot.serial_no, row.server)


def post_real_server(virtual_id: int) -> Response:
    """Add a real server at the end of a virtual server's list."""
    server = new_server(sent_object())
    made: list[int] = []

    def change(edit: Edit) -> ChangeResult:
        row = find_virtual(edit.snapshot, virtual_id)
        made.append(edit.add_server(virtual_id, server))
        path = ("virtual", row.position, "server", len(row.servers))
        return ChangeResult(f"{row.virtual.name}: real server {server.name} added", path)

    return save(change, 201, lambda: {"id": made[-1]})


def put_real_server(virtual_id: int, server_id: int) -> Response:
    """Replace the settings of a real server."""
    return _change(virtual_id, server_id, is_patch=False)


def patch_real_server(virtual_id: int, server_id: int) -> Response:
    """Change the settings of a real server that the document names; null removes a setting."""
    return _change(virtual_id, server_id, is_patch=True)


def delete_real_server(virtual_id: int, server_id: int) -> Response:
    """Delete a real server."""
    seen = seen_by_writer()

    def change(edit: Edit) -> ChangeResult:
        place = find_server(edit.snapshot, virtual_id, server_id)
        seen.refuse_changed(place.row.changed_serial, edit.snapshot.serial_no)
        edit.delete_server(server_id)
        return ChangeResult(f"{place.virtual.virtual.name}: real server {place.row.server.name} deleted", None)

    return save(change)


def _change(virtual_id: int, server_id: int, *, is_patch: bool) -> Response:
    seen, document = seen_by_writer(), without_id(sent_object(), server_id)

    def change(edit: Edit) -> ChangeResult:
        place = find_server(edit.snapshot, virtual_id, server_id)
        server, path = place.row.server, ("virtual", place.virtual.position, "server", place.index)
        seen.refuse_changed(place.row.changed_serial, edit.snapshot.serial_no)
        after = changed_block(server, document, path, is_patch=is_patch)
        edit.set_server(server_id, after)
        return ChangeResult(
            changed(f"{place.virtual.virtual.name}: real server {server.name}", server, after), path
        )

    return save(change)
