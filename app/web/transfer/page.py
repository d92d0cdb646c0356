"""IMPORT/EXPORT: the configuration in three formats, and the import of a file after a preview."""

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from typing import Any

from flask import Blueprint, Flask, abort, flash, make_response, render_template, request, url_for
from werkzeug.utils import secure_filename
from werkzeug.wrappers import Response

from app.accept.accept import Accepted, ChangeResult, NotSaved, Refused, config_of
from app.host.names import PatientNames
from app.lvs.grammar.reader import decode
from app.lvs.grammar.writer import render
from app.lvs.keywords.secret_keys import covered_line
from app.lvs.model.config import Config
from app.lvs.model.problem import Severity
from app.lvs.piranha.parser import parse_as_piranha
from app.store import Edit
from app.web.change.answer import save, seen_serial
from app.web.change.findings import place_refusal
from app.web.change.incoming import Incoming, understand
from app.web.change.problem_lines import ShownProblems, show_problems
from app.web.change.summary import cut
from app.web.change.text_diff import lines_of_file
from app.web.frame.current import current
from app.web.frame.security import LARGE_BODY_MAX
from app.web.transfer.import_preview import marked, preview_import

IMPORT_MAX = LARGE_BODY_MAX
"""Largest request to this page, in bytes: about seven thousand virtual servers with ten real servers each."""
VIEW_LINES_MAX = 1500
PASTED = "the pasted text"

blueprint = Blueprint("transfer", __name__)


class ChangedMeanwhile(Exception):
    """The configuration was changed after the preview."""


def install(app: Flask) -> None:
    """Permit large requests to this page; before the CSRF check, which reads the form."""

    def raise_the_limit() -> None:
        if request.blueprint == blueprint.name:
            request.max_content_length = request.max_form_memory_size = IMPORT_MAX

    app.before_request(raise_the_limit)


@blueprint.get("/transfer")
def page() -> Response:
    """Show the export formats and the form for an import."""
    return _page()


@blueprint.post("/transfer")
def preview() -> Response:
    """Show the errors of a file and what importing it would change; nothing is saved."""
    name, data = _sent()
    if not data.strip():
        return _page(["There is nothing to preview: select a file that is not empty, or paste text."], 422)
    return _preview(name, data, as_piranha="as_piranha" in request.form)


@blueprint.post("/transfer/import")
def take() -> Response:
    """Make the file of a preview the configuration."""
    seen, name, data = seen_serial(), request.form.get("name", ""), _unpacked(request.form.get("source", ""))
    incoming = _understand(data)
    config = incoming.accepted
    if config is None:
        return _preview(name, data, code=422)

    def change(edit: Edit) -> ChangeResult:
        if edit.snapshot.serial_no != seen:
            raise ChangedMeanwhile
        edit.replace(config)
        return ChangeResult(cut(f"imported {name}"), ())

    def again(refusal: Refused | NotSaved) -> Response:
        refused, code = place_refusal(config, refusal)
        return _preview(name, data, refused=refused, code=code)

    try:
        return save(change, back=lambda accepted: _back(accepted, seen), again=again)
    except ChangedMeanwhile:
        return _preview(name, data, seen=seen, code=409)


def _back(accepted: Accepted | None, seen: int) -> str:
    if accepted is not None and seen:
        flash(
            f"The previous configuration is serial {seen} in HISTORY; RESTORE there undoes the import.",
            "info",
        )
    return url_for("virtual_servers.page")


def _sent() -> tuple[str, bytes]:
    """Return the name and content of the uploaded file, or else of the pasted text."""
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        return secure_filename(upload.filename)[:80] or "a file", upload.read()
    # A browser ends every line of a text area in CR LF, whatever was pasted.
    return PASTED, request.form.get("text", "").replace("\r\n", "\n").encode("utf-8", "replace")


def _packed(data: bytes) -> str:
    # Not as text: a form field would change line ends, and cannot hold bytes that are not UTF-8.
    return urlsafe_b64encode(zlib.compress(data)).decode()


def _unpacked(text: str) -> bytes:
    """Return what `_packed` was given; 400 for anything that is not from a preview."""
    try:
        opener = zlib.decompressobj()
        data = opener.decompress(urlsafe_b64decode(text), IMPORT_MAX)
    except (NotBase64, ValueError, zlib.error):
        abort(400)
    if not opener.eof or not data:
        abort(400)
    return data


def _understand(data: bytes) -> Incoming:
    return understand(data, PatientNames(), current.machine())


def _preview(
    name: str,
    data: bytes,
    *,
    as_piranha: bool = False,
    refused: list[str] | None = None,
    seen: int | None = None,
    code: int = 200,
) -> Response:
    """Show the preview; `seen` is the serial of an earlier one that is out of date."""
    incoming = _understand(data)
    snapshot = current.store.snapshot()
    config = incoming.accepted
    if config is None:
        code = 422
    page = render_template(
        "transfer/import_preview.html",
        name=name,
        form_of_file=incoming.form.value,
        problems=show_problems(incoming.problems, data, incoming.config),
        preview=preview_import(incoming, config, config_of(snapshot), snapshot.serial_no) if config else None,
        verdict=_as_piranha(data) if as_piranha else None,
        source=_packed(data) if config else "",
        text=_text(data),
        serial_no=snapshot.serial_no,
        changes=_changes_since(seen) if seen is not None else [],
        refused=refused or [],
    )
    return make_response(page, code)


def _as_piranha(data: bytes) -> ShownProblems:
    return show_problems(parse_as_piranha(data, PatientNames()).problems, data, None)


def _text(data: bytes) -> str:
    """Return the file as text to edit; empty if a text area cannot hold it."""
    return "" if b"\0" in data else decode(data)[0]


def _changes_since(seen: int) -> list[Any]:
    return [head for head in current.store.revisions() if head.serial_no > seen]


def _page(refused: list[str] | None = None, code: int = 200) -> Response:
    snapshot = current.store.snapshot()
    config = config_of(snapshot)
    written = render(config)
    beyond = current.judge.beyond(config)
    page = render_template(
        "transfer/transfer.html",
        serial_no=snapshot.serial_no,
        lines=_view(written, dict(beyond)),
        beyond=marked(written, beyond),
        can_export_commands=not _has_errors(config),
        has_thresholds=any(server.upper_threshold for _, server in config.servers()),
        refused=refused or [],
        text="",
    )
    return make_response(page, code)


def _view(written: bytes, beyond: dict[int, str]) -> list[tuple[int, str, str]] | None:
    """Return the lines with their numbers and, if beyond Piranha, the reason; None: there are too many."""
    lines = lines_of_file(written)
    if len(lines) > VIEW_LINES_MAX:
        return None
    return [(number, covered_line(line), beyond.get(number, "")) for number, line in enumerate(lines, 1)]


def _has_errors(config: Config) -> bool:
    problems = current.judge.problems(config, None)
    return any(problem.severity is Severity.ERROR for problem in problems)
