"""The stylesheet of MONITORING SCRIPTS, generated from the table of check kinds and cached like a static file."""

import hashlib

from flask import Blueprint, make_response, url_for
from werkzeug.wrappers import Response

from app.web.forms.check_fields import stylesheet
from app.web.frame.assets import VERSION_ARGUMENT

_STYLESHEET = stylesheet()
_VERSION = hashlib.sha256(_STYLESHEET.encode()).hexdigest()[:12]

blueprint = Blueprint("check_stylesheet", __name__)


@blueprint.get("/check-fields.css")
def show() -> Response:
    """Return the rules that show the fields of the selected check."""
    response = make_response(_STYLESHEET)
    response.mimetype = "text/css"
    return response


def stylesheet_url() -> str:
    """Return its address, which changes with its content."""
    return f"{url_for('check_stylesheet.show')}?{VERSION_ARGUMENT}={_VERSION}"
