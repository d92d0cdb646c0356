"""Measures the steps of an ACCEPT in the web part: `python -m bench.accepting USER PASSWORD POSITION`.

Run by `pages.py` as the web part's user, next to a running web part and pulse, with their settings. Presses
ACCEPT on the page of a real server several times, and prints the milliseconds of each step each time, as JSON. A
step is the functions named below, excluding nested steps. The profiler is unsuitable: it reads the clock at each
call, which in the embedded kernel takes longer than most calls.
"""

import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from typing import Any

from sqlalchemy.engine.base import Transaction

from app.accept import accept
from app.accept.rule_cache import RuleCache
from app.host.files.atomic_file import Pending
from app.host.gc_tuning import keep_freed_memory
from app.lvs.grammar.writer import Writer
from app.settings import Settings
from app.store import Edit, open_store
from app.store.access.sessions import Sessions
from app.web.change import answer
from app.web.factory import create_app
from bench.server_form import accepted, server_form, token_of

ACCEPTING = "steps of ACCEPT"
REST = "the form, the page frame, Flask"
STEPS: dict[str, tuple[tuple[Any, str], ...]] = {
    "the session": ((Sessions, "user_of"),),
    "checking lvs.cf for edits by hand": ((accept, "_is_written"),),
    "the rules": ((RuleCache, "problems"),),
    "the text of lvs.cf": ((Writer, "render"),),
    "the database: rows, audit, the revision": ((Edit, "finish"), (Transaction, "commit")),
    "writing and renaming the file": ((accept, "prepare"), (Pending, "publish")),
    "pulse applies it and answers": ((answer, "nudge"),),
}
TIMES = 7
FIRST_WEIGHT = 30


class Stopwatch:
    """Times functions from outside; the time of a step excludes nested steps."""

    def __init__(self) -> None:
        self.spent_s: dict[str, float] = defaultdict(float)
        self._within_s = [0.0]

    def watch(self, step: str, owner: Any, name: str) -> None:
        """Time what `owner` calls `name` from now on."""
        function: Callable[..., Any] = getattr(owner, name)

        @wraps(function)
        def timed(*arguments: Any, **named: Any) -> Any:
            self._within_s.append(0.0)
            begun = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                took_s = time.perf_counter() - begun
                self.spent_s[step] += took_s - self._within_s.pop()
                self._within_s[-1] += took_s

        setattr(owner, name, timed)


def main(user: str, password: str, position: int) -> None:
    """Press ACCEPT, and print what it cost."""
    keep_freed_memory()
    settings = Settings.from_environment(os.environ)
    client = create_app(settings, open_store(settings.database_url)).test_client()
    token = token_of(client.get("/login").text)
    client.post("/login", data={"csrf_token": token, "name": user, "password": password})
    stopwatch = Stopwatch()
    for step, functions in STEPS.items():
        for owner, name in functions:
            stopwatch.watch(step, owner, name)
    found: dict[str, list[float]] = {step: [] for step in (*STEPS, REST)}
    for number in range(TIMES + 1):
        form = server_form(lambda address: client.get(address).text, position)
        fields = accepted(form, FIRST_WEIGHT + number)
        stopwatch.spent_s.clear()
        begun = time.perf_counter()
        done = client.post(form.action, data=fields)
        took_s = time.perf_counter() - begun
        if done.status_code != 303:
            raise RuntimeError(f"ACCEPT was answered with {done.status}")
        # The first one fills the caches.
        if number:
            for step in STEPS:
                found[step].append(1000 * stopwatch.spent_s[step])
            found[REST].append(1000 * (took_s - sum(stopwatch.spent_s.values())))
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
