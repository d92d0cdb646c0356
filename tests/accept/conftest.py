"""ACCEPT is tried on an installation as the pages have it."""

from tests.web.installation import database, empty_database, settings, store

__all__ = ["database", "empty_database", "settings", "store"]
