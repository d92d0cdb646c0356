"""Finds out whether linux.uml needs a library to run on this processor, which may have more registers than it
knows.

`python -m lab.registers` prints the name of the library to build from lab/registers.c, if one is needed.
"""

import ctypes
import os
import signal
from pathlib import Path

KNOWN = 2696
"""The most bytes linux.uml 6.1 supports: up to AVX-512 and the protection keys."""
_VENV = Path(__file__).resolve().parent.parent / ".venv"

_TRACEME, _GET_REGISTERS, _ALL_REGISTERS = 0, 0x4204, 0x202


class _Piece(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


def size() -> int:
    """Return the size in bytes of a process's registers as ptrace(2) returns them; 0 if it does not."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    libc.ptrace.restype = ctypes.c_long
    process = os.fork()
    if process == 0:
        libc.ptrace(_TRACEME, 0, None, None)
        os.kill(os.getpid(), signal.SIGSTOP)
        os._exit(0)
    os.waitpid(process, os.WUNTRACED)
    buffer = ctypes.create_string_buffer(1 << 16)
    piece = _Piece(ctypes.addressof(buffer), len(buffer))
    got = libc.ptrace(_GET_REGISTERS, process, _ALL_REGISTERS, ctypes.addressof(piece))
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return int(piece.length) if got == 0 else 0


def library() -> Path | None:
    """Return the path of the library that linux.uml must preload on this machine; None: none."""
    found = size()
    return _VENV / f"registers-{found}.so" if found > KNOWN else None


def preload() -> dict[str, str]:
    """Return the additional environment of linux.uml."""
    path = library()
    if path is None:
        return {}
    if not path.exists():
        raise SystemExit(f"{path} is missing; linux.uml cannot run on this processor without it. Run make setup.")
    return {"LD_PRELOAD": str(path)}


if __name__ == "__main__":
    print(library() or "")
