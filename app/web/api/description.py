"""GET /api/openapi.json: the API described for programs."""

from flask import current_app, jsonify
from werkzeug.wrappers import Response

OPENAPI = "palometa-openapi"


def get_openapi() -> Response:
    """Return this description."""
    return jsonify(current_app.extensions[OPENAPI])
