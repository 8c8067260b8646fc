"""Conditions a package must meet before it is registered, such as ``roc_auc>=0.9``."""

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dsml_magics.deploy.metric import CLASSES, VALUES
from dsml_magics.errors import ProofFailed, UsageError, hint
from dsml_magics.package.proof import GateResult, Latency

_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
}
_GATE = re.compile(r"\s*(?P<figure>[A-Za-z]\w*)\s*(?P<sign>>=|<=|==|>|<)\s*(?P<limit>\S+)\s*")
OPERATION = ("p50_ms", "p99_ms", "rows_per_second", "size_mb", "load_seconds")
"""Figures that need no target."""


@dataclass(frozen=True)
class Gate:
    """A figure, how it is compared, and with what."""

    figure: str
    sign: str
    limit: float

    @classmethod
    def parse(cls, text: str) -> "Gate":
        """Read a gate.

        Raises
        ------
        UsageError
            It is none, or the figure is not known.

        Examples
        --------
        >>> Gate.parse("roc_auc >= 0.9")
        Gate(figure='roc_auc', sign='>=', limit=0.9)
        """
        parts = _GATE.fullmatch(text)
        limit = _number(parts["limit"]) if parts else None
        if parts is None or limit is None:
            raise UsageError(f'Expected a gate such as "roc_auc>=0.9" or "p99_ms<=5", got {text!r}.')
        known = (*CLASSES, *VALUES, *OPERATION)
        if parts["figure"] not in known:
            raise UsageError(
                f"No figure {parts['figure']!r} for a gate. {hint(parts['figure'], known, limit=len(known))}"
            )
        return cls(parts["figure"], parts["sign"], limit)

    @property
    def needs_target(self) -> bool:
        return self.figure not in OPERATION

    def held(self, value: float) -> GateResult:
        """Compare a measured figure with the gate; NaN fails."""
        return GateResult(str(self), value, bool(_COMPARE[self.sign](value, self.limit)))

    def __str__(self) -> str:
        return f"{self.figure}{self.sign}{self.limit:g}"


def parse_gates(texts: Sequence[str] | str | None, *, has_target: bool) -> list[Gate]:
    """Read all gates.

    Raises
    ------
    UsageError
        One is none, or needs a target that was not given.
    """
    gates = [Gate.parse(text) for text in ([texts] if isinstance(texts, str) else texts or ())]
    for gate in gates:
        if gate.needs_target and not has_target:
            raise UsageError(f"Expected a target for the gate {gate}, got none. Give it by --target.")
    return gates


def results(gates: Sequence[Gate], figures: Mapping[str, float]) -> tuple[GateResult, ...]:
    """Compare measured figures with gates.

    Raises
    ------
    UsageError
        A figure does not exist for this kind of target.
    """
    for gate in gates:
        if gate.figure not in figures:
            raise UsageError(
                f"The gate {gate} does not fit this model and target. {hint(gate.figure, figures, limit=len(figures))}"
            )
    return tuple(gate.held(figures[gate.figure]) for gate in gates)


def require_passed(found: Sequence[GateResult]) -> None:
    """Refuse a package whose gates failed.

    Raises
    ------
    ProofFailed
        With all numbers.
    """
    if failed := [result for result in found if not result.passed]:
        raise ProofFailed(
            f"{len(failed)} of {len(found)} gates failed: {'; '.join(map(str, found))}. Nothing was registered."
        )


def figures_of(
    metrics: Mapping[str, float], latency: Latency, *, size_mb: float, load_seconds: float
) -> dict[str, float]:
    """Name every figure that a gate can ask for."""
    return {
        **metrics,
        "p50_ms": latency.p50_ms,
        "p99_ms": latency.p99_ms,
        "rows_per_second": latency.rows_per_second,
        "size_mb": size_mb,
        "load_seconds": load_seconds,
    }


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
