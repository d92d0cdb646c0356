"""The web application for any WSGI server: ``gunicorn wsgi:application``. Settings come from the environment."""

import os

from app.settings import Settings
from app.store import open_store
from app.web.factory import create_app

_settings = Settings.from_environment(os.environ)
application = create_app(_settings, open_store(_settings.database_url))
