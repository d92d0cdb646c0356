"""The virtual servers for programs: each under its id, with its own settings; real servers have their own."""

from werkzeug.wrappers import Response

from app.accept.accept import ChangeResult
from app.store import Edit, Gone
from app.web.api.http.etag import seen_by_writer
from app.web.api.http.refusal import refuse
from app.web.api.http.request_body import sent_object
from app.web.api.http.saving import no_such, save
from app.web.api.resources.block_input import changed_block, new_virtual, without_id
from app.web.api.resources.block_output import answer, server_document, virtual_document
from app.web.change.conflict import find_virtual
from app.web.change.summary import changed
from app.web.frame.current import current


def get_virtual_servers() -> Response:
    """Return every virtual server with its real servers, and the id of each."""
    snapshot = current.store.snapshot()
    documents = [
        {**virtual_document(row), "server": [server_document(server) for server in row.servers]}
        for row in snapshot.virtual
    ]
    body = {"serial_no": snapshot.serial_no, "virtual": documents}
    return answer(body, snapshot.serial_no, *(row.virtual for row in snapshot.virtual))


def get_virtual_server(virtual_id: int) -> Response:
    """Return one virtual server's own settings."""
    snapshot = current.store.snapshot()
    try:
        row = find_virtual(snapshot, virtual_id)
    except Gone as gone:
        refuse(404, no_such(gone), "GET /api/virtual lists what is there.")
    return answer(virtual_document(row), snapshot.serial_no, row.virtual)


def post_virtual_server() -> Response:
    """Add a virtual server with its real servers at the end of the list."""
    virtual = new_virtual(sent_object())
    made: list[int] = []

    def change(edit: Edit) -> ChangeResult:
        made.append(edit.add_virtual(virtual))
        return ChangeResult(f"{virtual.name}: virtual server added", ("virtual", len(edit.snapshot.virtual)))

    return save(change, 201, lambda: {"id": made[-1]})


def put_virtual_server(virtual_id: int) -> Response:
    """Replace a virtual server's own settings; its real servers are kept."""
    return _change(virtual_id, is_patch=False)


def patch_virtual_server(virtual_id: int) -> Response:
    """Change the settings of a virtual server that the document names; null removes a setting."""
    return _change(virtual_id, is_patch=True)


def delete_virtual_server(virtual_id: int) -> Response:
    """Delete a virtual server with its real servers."""
    seen = seen_by_writer()

    def change(edit: Edit) -> ChangeResult:
        row = find_virtual(edit.snapshot, virtual_id)
        last = max([row.changed_serial, *(server.changed_serial for server in row.servers)])
        seen.refuse_changed(last, edit.snapshot.serial_no)
        edit.delete_virtual(virtual_id)
        return ChangeResult(f"{row.virtual.name}: virtual server deleted", None)

    return save(change)


def _change(virtual_id: int, *, is_patch: bool) -> Response:
    seen, document = seen_by_writer(), without_id(sent_object(), virtual_id)

    def change(edit: Edit) -> ChangeResult:
        row = find_virtual(edit.snapshot, virtual_id)
        path = ("virtual", row.position)
        seen.refuse_changed(row.changed_serial, edit.snapshot.serial_no)
        after = changed_block(row.virtual, document, path, is_patch=is_patch)
        edit.set_virtual(virtual_id, after)
        return ChangeResult(changed(row.virtual.name, row.virtual, after), path)

    return save(change)
