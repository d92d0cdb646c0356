"""The threads of messengers that still run."""

import threading
import time


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "messenger"]


def all_end() -> bool:
    deadline = time.monotonic() + 5
    while threads() and time.monotonic() < deadline:
        time.sleep(0.01)
    return not threads()
