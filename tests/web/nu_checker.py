"""The Nu HTML checker, which judges pages by the HTML standard as it stands; lab/html-checker installs it."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

JAR = Path(sys.prefix, "share", "vnu.jar")
LIMIT_S = 300


def nu_messages(pages: Mapping[str, str]) -> list[str]:
    """Return what is wrong with `pages`, which are HTML by their address."""
    addresses = {f"{number}.html": address for number, address in enumerate(pages)}
    command = ["java", "-jar", str(JAR), "--format", "json", "--exit-zero-always", "--no-langdetect"]
    with TemporaryDirectory() as directory:
        for name, address in addresses.items():
            Path(directory, name).write_text(pages[address])
        checked = subprocess.run(
            [*command, directory], capture_output=True, text=True, timeout=LIMIT_S, check=True
        )
    return [
        f"{addresses[Path(message['url']).name]} line {message['lastLine']}: {message['message']}"
        for message in json.loads(checked.stderr)["messages"]
        if message["type"] != "info" or message.get("subType") == "warning"
    ]
