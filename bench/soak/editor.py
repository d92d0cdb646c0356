"""A program that changes the weight of a real server again and again, and notes what it was answered.

`python -m bench.soak.editor URL FILE FIRST`, with the token in TOKEN: sends the weights from FIRST on to the real
server at URL of the API, and appends a line of JSON to the file for each. On SIGTERM it exits after the request
that is under way.
"""

import http.client
import json
import os
import signal
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

PAUSE_S = 0.2
PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Sent:
    """One change, and what became of it.

    `serial_no` is the one it was acknowledged with, 0 without one. `is_refused`: it was answered that nothing is
    changed, or nobody took it. Neither: nobody knows, as when the process that was to answer is killed.
    """

    weight: int
    serial_no: int
    is_refused: bool
    answer: str


def read_sent(path: Path) -> list[Sent]:
    """Return what has been sent so far, in order."""
    whole = path.read_text().rpartition("\n")[0] if path.exists() else ""
    return [Sent(**json.loads(line)) for line in whole.splitlines()]


def send(url: str, token: str, weight: int) -> Sent:
    """Set the weight."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=PATIENCE_S)
    headers = {"Authorization": f"Bearer {token}", "If-Match": "*", "Content-Type": "application/json"}
    try:
        connection.connect()
    except OSError as error:
        return Sent(weight, 0, True, f"{type(error).__name__}: {error}")
    try:
        connection.request("PATCH", address.path, json.dumps({"weight": weight}), headers)
        response = connection.getresponse()
        text = response.read().decode()
    except (OSError, http.client.HTTPException) as error:
        return Sent(weight, 0, False, f"{type(error).__name__}: {error}")
    finally:
        connection.close()
    document = json.loads(text)
    # With 503 it may be saved all the same, and says so.
    serial_no = document["serial_no"] if "is_changed" in document else 0
    return Sent(
        weight, serial_no, not serial_no, f"{response.status}: {document.get('said') or document['error']}"
    )


def main(arguments: list[str]) -> None:
    """Send weights until the process is told to end."""
    url, path, first = arguments
    is_ending = False

    def end(_number: int, _frame: FrameType | None) -> None:
        nonlocal is_ending
        is_ending = True

    signal.signal(signal.SIGTERM, end)
    with open(path, "a") as file:
        weight = int(first)
        while not is_ending:
            file.write(json.dumps(asdict(send(url, os.environ["TOKEN"], weight))) + "\n")
            file.flush()
            weight += 1
            time.sleep(PAUSE_S)


if __name__ == "__main__":
    main(sys.argv[1:])
