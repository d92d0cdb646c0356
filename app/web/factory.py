"""Makes the web application: its parts, the pages, and what every page shows. The only place with all of them."""

from pathlib import Path
from typing import Any

from flask import Flask, g, request
from flask_wtf import CSRFProtect

from app.accept.on_disk import OnDisk
from app.settings import Settings
from app.store import Store, StoreBusy, StoreFailed
from app.web.account import access, sign_in, tokens
from app.web.api import routes as api
from app.web.change import by_hand
from app.web.config import (
    admin_state,
    check_stylesheet,
    global_settings,
    host,
    monitoring_scripts,
    real_server,
    real_servers,
    redundancy,
    virtual_server,
    virtual_servers,
)
from app.web.frame import badges, errors, filters, health, piranha_urls, security, theme
from app.web.frame.assets import STATIC_URL, versioned
from app.web.frame.current import attach, current
from app.web.frame.secret_key import load_secret_key
from app.web.live import adoption, connections, daemon, drift, events, graphs, past_table
from app.web.partner import messages
from app.web.partner import page as partner_page
from app.web.table import bulk
from app.web.table import page as table_page
from app.web.transfer import downloads, history
from app.web.transfer import page as transfer_page

ROOT = Path(__file__).resolve().parents[2]

PAGES = (
    table_page.blueprint,
    bulk.blueprint,
    connections.blueprint,
    daemon.blueprint,
    graphs.blueprint,
    events.blueprint,
    past_table.blueprint,
    drift.blueprint,
    adoption.blueprint,
    global_settings.blueprint,
    redundancy.blueprint,
    partner_page.blueprint,
    virtual_servers.blueprint,
    virtual_server.blueprint,
    real_servers.blueprint,
    real_server.blueprint,
    admin_state.blueprint,
    host.blueprint,
    monitoring_scripts.blueprint,
    check_stylesheet.blueprint,
    history.blueprint,
    transfer_page.blueprint,
    downloads.blueprint,
    tokens.blueprint,
    by_hand.blueprint,
    api.blueprint,
    sign_in.blueprint,
    theme.blueprint,
    health.blueprint,
    piranha_urls.blueprint,
)

TABS = (
    ("control", "/control", "CONTROL/MONITORING"),
    ("global", "/global", "GLOBAL SETTINGS"),
    ("redundancy", "/redundancy", "REDUNDANCY"),
    ("virtual", "/virtual", "VIRTUAL SERVERS"),
)
TAB_OF_PAGE = {
    "monitoring": "control",
    "bulk": "control",
    "connections": "control",
    "daemon": "control",
    "graphs": "control",
    "events": "control",
    "past": "control",
    "drift": "control",
    "adoption": "control",
    "global_settings": "global",
    "redundancy": "redundancy",
    "partner_page": "redundancy",
    "virtual_servers": "virtual",
    "virtual_server": "virtual",
    "real_servers": "virtual",
    "real_server": "virtual",
    "admin_state": "virtual",
    "host": "virtual",
    "monitoring_scripts": "virtual",
}


def create_app(settings: Settings, store: Store) -> Flask:
    """Return the application that edits what `store` holds."""
    app = errors.Application(
        "palometa",
        root_path=str(ROOT),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
        static_url_path=STATIC_URL,
    )
    app.secret_key = load_secret_key(settings.secret_key_file)
    app.config.update(security.configuration(settings))
    attach(app, settings, store)
    filters.install(app)
    badges.install(app)
    app.add_template_global(versioned(ROOT / "static"), "asset")
    app.context_processor(_frame)
    errors.install(app)
    security.install(app, settings)
    access.install(app)
    transfer_page.install(app)
    # After the gate: who is not signed in is refused before any token is checked.
    forms = CSRFProtect(app)
    # A program has no form, and the API accepts no cookie.
    forms.exempt(api.blueprint)
    api.install(app)
    for blueprint in PAGES:
        app.register_blueprint(blueprint)
    return app


SHOW_HAND_EDITS = frozenset({*TAB_OF_PAGE, "history", "transfer"})


def _hand_edit() -> OnDisk | None:
    """Return how lvs.cf differs from what was last written, for the pages that say so; None: it does not."""
    if request.blueprint not in SHOW_HAND_EDITS or not g.get("user"):
        return None
    try:
        state = current.lvs_cf.compare()
    except (StoreBusy, StoreFailed):
        # The page itself, or its error, reports it.
        return None
    # A late file is ours, and the next ACCEPT writes it.
    return None if state in (OnDisk.WRITTEN, OnDisk.LATE) else state


def _partner_lines(of_control: bool = False) -> list[messages.MessageLine]:
    """Return the banners about the two routers; on PARTNER only those that page does not show itself."""
    if not (of_control or request.blueprint in SHOW_HAND_EDITS) or not g.get("user"):
        return []
    try:
        owners = messages.owners_line(current.pair())
        is_on_partner = request.blueprint == "partner_page"
        return owners if is_on_partner else owners + messages.lines(current.partner.read())
    except (StoreBusy, StoreFailed):
        return []


def _frame() -> dict[str, Any]:
    """Return what base.html shows on every page, errors included, where little of the request may be known."""
    return {
        "signed_in": g.get("user"),
        "tabs": TABS,
        "current_tab": TAB_OF_PAGE.get(request.blueprint or ""),
        "look": theme.chosen(),
        "hand_edit": _hand_edit,
        "partner_lines": _partner_lines,
    }
