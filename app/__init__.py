"""Palometa: web administration of Linux Virtual Server. ARCHITECTURE.md says which room owns what."""

__version__ = "0.1.0"
