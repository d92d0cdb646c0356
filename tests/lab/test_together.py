"""Several kernels at once: their output, the exit status, and the division of test modules."""

import subprocess
import sys
from pathlib import Path

from lab.inside import CLONE


def together(number: int, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lab.together", str(number), "--time-limit", "100", "--", *words]
    return subprocess.run(command, cwd=CLONE, capture_output=True, text=True, check=False, timeout=200)


def test_output_is_prefixed_by_number_and_the_highest_status_counts() -> None:
    script = 'mkdir "$PALOMETA_LAB_SHARE/first" 2>/dev/null && { echo I am first; exit 0; }; echo I am not; exit 3'
    ran = together(2, "sh", "-c", script)
    assert ran.returncode == 3, ran.stdout + ran.stderr
    assert sorted(line.partition("| ")[2] for line in ran.stdout.splitlines()) == ["I am first", "I am not"]
    assert {line.partition("|")[0] for line in ran.stdout.splitlines()} == {"1", "2"}


def test_a_test_module_runs_in_only_one_kernel(tmp_path: Path) -> None:
    modules = (
        "tests/lvs/health/test_weights.py",
        "tests/lvs/model/test_admin_state.py",
        "tests/lvs/reports/test_document.py",
    )
    alone = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *modules],
        cwd=CLONE,
        capture_output=True,
        text=True,
        check=True,
    )
    whole = together(2, f"{CLONE}/.venv/bin/python", "-m", "pytest", "-p", "no:cacheprovider", *modules)
    assert whole.returncode == 0, whole.stdout + whole.stderr
    assert sum(map(passed, whole.stdout.splitlines())) == sum(map(passed, alone.stdout.splitlines())) > 0


def passed(line: str) -> int:
    """Return how many tests passed, if `line` is the summary line of pytest."""
    words = line.replace("|", " ").split()
    return int(words[words.index("passed") - 1]) if "passed" in words and "in" in words else 0
