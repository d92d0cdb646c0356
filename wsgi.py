"""The web application for a WSGI server of one's own: ``gunicorn wsgi:application``. Reads the environment."""

import os

from app.settings import Settings
from app.store import open_store
from app.web.factory import create_app

_settings = Settings.from_environment(os.environ)
application = create_app(_settings, open_store(_settings.database_url))
