"""Piranha's addresses lead to ours, so that bookmarks, tickets and tutorials still work."""

from flask import Blueprint, redirect, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from app.store import Snapshot
from app.web.frame.current import current

FIXED = {
    "index.html": "/",
    "introduction.html": "/",
    "docs.html": "/",
    "help.php": "/",
    "secure/help.php": "/",
    "about_login.php": "/login",
    "secure": "/control",
    "secure/control.php": "/control",
    "secure/global_settings.php": "/global",
    "secure/redundancy.php": "/redundancy",
    "secure/virtual_main.php": "/virtual",
    "secure/passwd.php": "/password",
}
OF_VIRTUAL = {
    "secure/virtual_edit_virt.php": "",
    "secure/virtual_edit_real.php": "/real",
    "secure/virtual_edit_services.php": "/scripts",
}
OF_SERVER = "secure/virtual_edit_real_edit.php"
MONITORING = "secure/control.php"

blueprint = Blueprint("old_addresses", __name__)


@blueprint.get("/<any('index.html', 'introduction.html', 'docs.html', 'help.php', 'about_login.php'):name>")
def top(name: str) -> Response:
    """Lead on from a page beside Piranha's protected ones."""
    return _lead(name)


@blueprint.get("/secure/")
@blueprint.get("/secure/<path:name>")
def secure(name: str = "") -> Response:
    """Lead on from one of Piranha's protected pages."""
    return _lead(f"secure/{name}")


@blueprint.get("/piranha")
@blueprint.get("/piranha/")
@blueprint.get("/piranha/<path:name>")
def under_piranha(name: str = "") -> Response:
    """Lead on from the same pages under the second address they had."""
    return _lead(name or "index.html")


def _lead(name: str) -> Response:
    name = name.strip("/")
    if name in FIXED:
        query = f"?{request.query_string.decode('ascii', 'ignore')}" if name == MONITORING and request.args else ""
        return redirect(request.script_root + FIXED[name] + query, 301)
    if name in OF_VIRTUAL or name == OF_SERVER:
        # Found, not moved for good: which id stands at place N changes with the list.
        return redirect(request.script_root + _place(name, current.store.snapshot()), 302)
    raise NotFound


def _place(name: str, snapshot: Snapshot) -> str:
    """Return the page for the N-th virtual and M-th real server, or the list where there is no such one."""
    number = _number("selected_host")
    if not 1 <= number <= len(snapshot.virtual):
        return "/virtual"
    virtual = snapshot.virtual[number - 1]
    if name != OF_SERVER:
        return f"/virtual/{virtual.id}{OF_VIRTUAL[name]}"
    number = _number("selected")
    if not 1 <= number <= len(virtual.servers):
        return f"/virtual/{virtual.id}/real"
    return f"/virtual/{virtual.id}/real/{virtual.servers[number - 1].id}"


def _number(argument: str) -> int:
    text = request.args.get(argument, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
