"""Prove a package again, wherever it is now."""

from typing import Any

from dsml_magics.deploy.checked import Check
from dsml_magics.deploy.gate import Gate, figures_of, results
from dsml_magics.deploy.metric import metrics_of
from dsml_magics.deploy.proving import CALLS, CALLS_FOR_GATE, Found, prover
from dsml_magics.errors import ProofFailed, UsageError
from dsml_magics.package.opening import open_package, require_ledger
from dsml_magics.package.proof import GateResult, Latency, broken
from dsml_magics.package.value import Package


def checked(reference: str, *, data: Any, target: Any, verify_key: Any = None) -> Check:
    """Prove a package again.

    Raises
    ------
    ModelNotFound, PackageAltered
        There is none, or its files are not as they were. Nothing was loaded.
    ProofFailed
        It answers otherwise than it was proved to, or a gate fails now.
    """
    if (data is None) is not (target is None):
        raise UsageError("Expected data and target, or neither: gates are measured with both.")
    require_ledger(reference)
    with prover() as fresh:
        package = open_package(reference, verify_key=verify_key)
        gates = [Gate.parse(result.gate) for result in package.proof.gates]
        is_timed = any(gate.figure in ("p50_ms", "p99_ms") for gate in gates)
        fresh.begin(package.path, calls=CALLS_FOR_GATE if is_timed else CALLS)
        found = fresh.end()
    _require_equal(package, found)
    metrics = _metrics(package, data, target) if data is not None else {}
    latency = found.latency or Latency(0, float("nan"), float("nan"), float("nan"))
    figures = figures_of(metrics, latency, size_mb=package.proof.size_mb, load_seconds=found.load_seconds)
    measured = [gate for gate in gates if gate.figure in figures and _is_known(gate, found)]
    held = results(measured, figures)
    _require(held)
    return Check(
        uri=package.uri,
        files=sum(1 for path in package.path.rglob("*") if path.is_file()),
        made_up=found.made_up,
        edges=found.edges,
        gates=held,
        left=tuple(str(gate) for gate in gates if gate not in measured),
        latency=found.latency,
    )


def _is_known(gate: Gate, found: Found) -> bool:
    return found.latency is not None or gate.figure not in ("p50_ms", "p99_ms", "rows_per_second")


def _require_equal(package: Package, found: Found) -> None:
    if found.differences and not package.proof.differences:
        raise ProofFailed(
            f"Expected {package.uri} to answer as it was proved to, got another answer: {found.differences[0]}. "
            f"It was proved on {package.proof.platform} with Python {package.proof.python}; this is {found.platform} "
            f"with Python {found.python}."
        )
    if unkept := broken(found.edges, differing=bool(package.proof.differences)):
        raise ProofFailed(
            f"Expected {package.uri} to keep its contract, but {len(unkept)} of {len(found.edges)} promises are broken, "
            f"first {unkept[0].name}, which it {unkept[0].promise}: {unkept[0].said}."
        )


def _metrics(package: Package, data: Any, target: Any) -> dict[str, float]:
    from dsml_magics.deploy.framework.sklearn import ASKED
    from dsml_magics.deploy.loading import raw_model_of
    from dsml_magics.deploy.subject import subject_of

    scorer = package.load()
    model = raw_model_of(scorer.model)
    if any(hasattr(model, name) for name in ("predict", *ASKED)):
        return metrics_of(subject_of(model, data, target=target))
    return metrics_of(subject_of(scorer.predict, data, target=target))


def _require(held: tuple[GateResult, ...]) -> None:
    if failed := [result for result in held if not result.passed]:
        raise ProofFailed(f"{len(failed)} of {len(held)} gates fail now: {'; '.join(map(str, held))}.")
