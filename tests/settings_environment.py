"""The environment of a process that is to have the settings of a test."""

from dataclasses import fields

from app.settings import Settings


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the PALOMETA_ variables from which a process reads `settings`."""
    found: dict[str, str] = {}
    for field in fields(settings):
        value = getattr(settings, field.name)
        text = " ".join(map(str, value)) if isinstance(value, tuple) else str(value or "")
        if text:
            found[f"PALOMETA_{field.name.upper()}"] = text
    return found
