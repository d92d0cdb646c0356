"""Templates compiled once for all applications of a test run: each test has one of its own."""

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class _InMemory(BytecodeCache):
    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if (compiled := self._compiled.get(bucket.key)) is not None:
            bucket.bytecode_from_string(compiled)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._compiled[bucket.key] = bucket.bytecode_to_string()


_CACHE = _InMemory()


def with_compiled_templates(app: Flask) -> Flask:
    """Let `app` take the templates that another one has compiled, and return it."""
    app.jinja_env.bytecode_cache = _CACHE
    return app
