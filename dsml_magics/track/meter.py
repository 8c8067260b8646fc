"""What a block costs: time, CPU time, memory at its peak."""

import time
from dataclasses import dataclass

from dsml_magics.process.system import forget_peak_memory, peak_memory_mb


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
        forget_peak_memory()
        return cls(time.perf_counter(), time.process_time())

    def end(self) -> Cost:
        """Stop."""
        return Cost(time.perf_counter() - self.wall, time.process_time() - self.cpu, peak_memory_mb())
