"""Traffic from the client of the demonstration cluster, at a rate set in a file.

`python -m lab.traffic URL RATE_FILE REPORT_FILE`: the first file contains the requests per second (read each
second); the number of answers per server is written to the second one each second. Each request is a new
connection.
"""

import sys
import threading
import time
import urllib.request
from collections import Counter
from pathlib import Path

HIGHEST_RATE = 500
TIMEOUT_S = 5.0


class Traffic:
    """Sends requests at a rate and counts the answers."""

    def __init__(self, url: str) -> None:
        """Prepare without sending anything."""
        self._request = urllib.request.Request(url)  # noqa: S310 - the address is our caller's
        self._lock = threading.Lock()
        self._answers: Counter[str] = Counter()

    def send(self, requests: int) -> None:
        """Start `requests` requests, spread evenly over one second."""
        start = time.monotonic()
        for number in range(requests):
            threading.Thread(target=self._ask, daemon=True).start()
            _wait_until(start + (number + 1) / requests)
        _wait_until(start + 1)

    def answers(self) -> Counter[str]:
        """Return the number of answers per server since the last call; failures are counted as "failed"."""
        with self._lock:
            answers, self._answers = self._answers, Counter()
        return answers

    def _ask(self) -> None:
        try:
            with urllib.request.urlopen(self._request, timeout=TIMEOUT_S) as answer:  # noqa: S310
                name = answer.read(100).decode(errors="replace").strip()
        except OSError:
            name = "failed"
        with self._lock:
            self._answers[name] += 1


def _wait_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))


def read_rate(path: Path) -> int:
    """Return the requests per second in `path`; 0 if it has no number from 0 to HIGHEST_RATE."""
    try:
        return min(max(int(path.read_text()), 0), HIGHEST_RATE)
    except (OSError, ValueError):
        return 0


def main(arguments: list[str]) -> None:
    """Send traffic until the process is ended."""
    url, rate_file, report_file = arguments[0], Path(arguments[1]), Path(arguments[2])
    traffic = Traffic(url)
    while True:
        rate = read_rate(rate_file)
        traffic.send(rate)
        answers = traffic.answers()
        counted = "  ".join(f"{name} {answers[name]}" for name in sorted(answers)) or "none"
        report_file.write_text(f"asked {rate} a second; answers in the last second: {counted}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
