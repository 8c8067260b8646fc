"""What a server counts, for Prometheus; several processes count together."""

import os
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from dsml_magics.package.violation import Violation

TYPE = b"text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)


class Metrics:
    """Counts of one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = self._counter("dsml_requests", "Requests answered", "route", "status", "version")
        self._rows = self._counter("dsml_rows", "Rows answered", "version")
        self._violations = self._counter(
            "dsml_violations", "Values that broke the contract", "column", "what", "refused", "version"
        )
        self._compared = self._counter("dsml_compared_rows", "Rows answered twice", "version", "other")
        self._differing = self._counter(
            "dsml_differing_rows", "Rows answered twice, and otherwise", "version", "other"
        )
        self._left = self._counter(
            "dsml_rows_left_out", "Rows not profiled or compared, for want of time", "what"
        )
        # By process, as each of them says for itself what it serves; those that have ended are left out.
        self._version = Gauge(
            "dsml_worker_version",
            "Version that a process serves; 0 for a folder",
            ["slot"],
            registry=self._registry,
            multiprocess_mode="liveall",
        )
        self._seconds = Histogram(
            "dsml_request_seconds",
            "Time until a request was answered",
            ["route"],
            registry=self._registry,
            buckets=_SECONDS,
        )
        # Finding a child by its labels costs more than counting.
        self._request = cache(self._requests.labels)
        self._row = cache(self._rows.labels)
        self._second = cache(self._seconds.labels)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, list(labels), registry=self._registry)

    def version(self, slot: str, number: int | None) -> None:
        """Say which version this process serves."""
        self._version.labels(slot).set(number or 0)

    def request(self, route: str, status: int, version: str, seconds: float) -> None:
        """Count a request that was answered."""
        self._request(route, str(status), version).inc()
        self._second(route).observe(seconds)

    def rows(self, count: int, version: str) -> None:
        """Count rows that were answered."""
        self._row(version).inc(count)

    def violations(self, found: Iterable[Violation], version: str) -> None:
        """Count values that broke the contract."""
        for each in found:
            self._violations.labels(each.column, each.what, str(each.refused).lower(), version).inc(
                len(each.rows)
            )

    def more_columns(self, names: Sequence[str], version: str) -> None:
        """Count columns that the contract does not know; not by name, as a client could make up as many as it likes."""
        if names:
            self._violations.labels("", "extra", "false", version).inc(len(names))

    def compared(self, rows: int, differing: int, version: str, other: str) -> None:
        """Count rows that two versions answered."""
        self._compared.labels(version, other).inc(rows)
        self._differing.labels(version, other).inc(differing)

    def left_out(self, rows: int, what: str) -> None:
        """Count rows for which there was no time."""
        self._left.labels(what).inc(rows)

    def text(self) -> bytes:
        """Write the counts of all processes."""
        registry: Any = self._registry
        if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        found: bytes = generate_latest(registry)
        return found
