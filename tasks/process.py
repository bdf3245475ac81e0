"""Which process this is, so that another one on the same machine can tell whether it runs."""

import os
from pathlib import Path

_PROC = Path("/proc")


def identify_process() -> str | None:
    """Return what no other process is called, on any machine; None where the system has no /proc.

    That is the boot of the machine, the namespace of process ids, the id, and when it started.
    """
    place, found = _place(), _state(os.getpid())
    return None if place is None or found is None else f"{place} {os.getpid()} {found[1]}"


def is_running(process: str | None) -> bool | None:
    """Return whether a process runs; None if that cannot be told from here, or it is suspended."""
    if process is None or (place := _place()) is None or not process.startswith(f"{place} "):
        return None
    pid, started = process.removeprefix(f"{place} ").split()
    found = _state(int(pid))
    if found is None or found[1] != started or found[0] in "ZX":
        return False
    return None if found[0] in "Tt" else True


def _place() -> str | None:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {os.readlink(_PROC / 'self/ns/pid')}"
    except OSError:
        return None


def _state(pid: int) -> tuple[str, str] | None:
    """Return the state of a process and when it started, in ticks since the boot."""
    try:
        text = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()  # the name before may hold anything
    return fields[0], fields[19]
