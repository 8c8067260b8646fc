"""What a block costs: time, CPU time, memory at its peak."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

_CLEAR = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class Cost:
    """What a block cost: wall and CPU seconds of the process, and the most memory that it held, in MiB."""

    seconds: float
    cpu_seconds: float
    peak_memory_mb: float | None


@dataclass(frozen=True)
class Meter:
    """A clock that runs."""

    wall: float
    cpu: float

    @classmethod
    def begin(cls) -> "Meter":
        """Start; where the system can, the peak of memory is that of the block alone."""
        _forget_peak()
        return cls(time.perf_counter(), time.process_time())

    def end(self) -> Cost:
        """Stop."""
        return Cost(time.perf_counter() - self.wall, time.process_time() - self.cpu, _peak())


def _forget_peak() -> None:
    try:
        # Resets the high water mark of this process' memory, and nothing else: see proc(5).
        _CLEAR.write_text("5")
    except OSError:
        return


def _peak() -> float | None:
    try:
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)
