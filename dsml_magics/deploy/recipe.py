"""The recipe of a deploy: build, prove, register; all of it or nothing."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from dsml_magics.deploy.card import html_of, markdown_of
from dsml_magics.deploy.container import write_container
from dsml_magics.deploy.evidence import Evidence, made
from dsml_magics.deploy.gate import figures_of, require_passed, results
from dsml_magics.deploy.lineage import lineage_of
from dsml_magics.deploy.loading import model_of
from dsml_magics.deploy.metric import metrics_of, slices_of
from dsml_magics.deploy.progress import step_progress
from dsml_magics.deploy.proving import Found, Prover, prover
from dsml_magics.deploy.server_files import SERVER, write_server
from dsml_magics.deploy.subject import Subject, categories_of, subject_of
from dsml_magics.deploy.wish import Wish
from dsml_magics.deploy.writing import Written, write_model
from dsml_magics.errors import ContractBroken, FileNotWritten, ModelUnusable, ProofFailed
from dsml_magics.files import reason_of
from dsml_magics.ledger.place import place
from dsml_magics.ledger.registry import Found as Registered
from dsml_magics.ledger.registry import checked_name, find, register
from dsml_magics.ledger.store import Ledger, open_ledger
from dsml_magics.package.case import made_up, plain, write_case
from dsml_magics.package.checking import check
from dsml_magics.package.contract import FILE as CONTRACT
from dsml_magics.package.contract import Contract
from dsml_magics.package.inputs import inputs_of
from dsml_magics.package.learning import contract_of_array, contract_of_table
from dsml_magics.package.manifest import seal
from dsml_magics.package.opening import BASELINE, LINEAGE, package_in
from dsml_magics.package.proof import FILE as PROOF
from dsml_magics.package.proof import Latency, Proof, broken
from dsml_magics.package.value import Package
from dsml_magics.process.work_folder import WorkFolder
from dsml_magics.profile.column import Column
from dsml_magics.profile.measure import columns_of
from dsml_magics.profile.value import Profile

_BYTES_PER_MB = 1e6
_STEPS = 5


def deployed(model: Any, data: Any, wish: Wish) -> Package:
    """Package `model`, prove it on `data`, and register it as the next version of the name."""
    checked_name(wish.name)
    place()
    with step_progress(f"Deploying {wish.name}", steps=_STEPS) as begin, prover() as fresh:
        begin("predicting the rows")
        subject = subject_of(model_of(model), data, target=wish.target)
        fresh.warm({*subject.modules, *subject.framework.loaders})
        begin("opening the ledger")
        ledger = open_ledger()
        with _building() as folder:
            begin("writing the model, its contract and its baseline")
            written = write_model(subject, folder)
            evidence = _described(subject, folder, written, wish, lineage_of(ledger, subject))
            begin("proving it in a fresh process")
            evidence = _proved(subject, folder, evidence, wish, fresh)
            begin("registering it")
            return _registered(ledger, folder, evidence, wish)


@contextmanager
def _building() -> Iterator[Path]:
    """Give a folder for a package, removed however the deploy ends; a full disk is reported."""
    try:
        with WorkFolder("package") as work:
            yield work / "package"
    except OSError as error:
        raise FileNotWritten(
            f"Cannot write the package: {reason_of(error)}. Nothing was registered."
        ) from error


def _described(
    subject: Subject, folder: Path, written: Written, wish: Wish, lineage: Mapping[str, Any]
) -> Evidence:
    """Write beside the model what is known of its input: contract, baseline, made-up rows, lineage."""
    (folder / "dsml").mkdir()
    baseline = _baseline(subject)
    columns = columns_of(baseline.require_state()) if not baseline.is_empty else {}
    contract = _contract(subject, columns, wish)
    _write_json(folder / LINEAGE, {**lineage, "name": wish.name, "made": made()})
    (folder / CONTRACT).write_text(contract.to_json(), encoding="utf-8", newline="\n")
    # No row of the data leaves in it.
    (folder / BASELINE).write_bytes(baseline.to_bytes(sample=False))
    _make_up(subject, folder, contract, columns)
    write_container(folder / "dsml", name=wish.name)
    (folder / ".dockerignore").write_text("**/__pycache__\n", encoding="utf-8", newline="\n")
    proof = Proof(0, (), "", 0.0, format=written.format.name, reason=written.format.why)
    return Evidence(
        name=wish.name,
        kind=subject.kind,
        contract=contract,
        columns=columns,
        proof=proof,
        pins=written.pins,
        lineage={**lineage, "made": made()},
        notes=wish.notes,
    )


def _contract(subject: Subject, columns: Mapping[str, Column], wish: Wish) -> Contract:
    """Learn the contract, or take the one that was given if the data keep it."""
    learnt = _learnt(subject, columns)
    answers = plain(subject.predictions)
    contract = replace(
        wish.contract or learnt, answer={"dtype": str(answers.dtype), "shape": list(answers.shape[1:])}
    )
    if wish.contract is None:
        return contract
    if contract.form != learnt.form or not set(learnt.names) <= set(contract.names):
        gone = next(iter(set(learnt.names) - set(contract.names)), learnt.form)
        raise ContractBroken(
            f"Expected a contract that names what the model takes, got one without {gone!r}."
        )
    contract = replace(
        contract,
        columns=tuple(contract[name] for name in learnt.names),
        dtype=learnt.dtype,
        shape=learnt.shape,
    )
    if subject.table is not None and (reasons := check(subject.table, contract).reasons()):
        row, said = next(iter(reasons.items()))
        raise ContractBroken(
            f"Expected data that keep the contract, but it refuses {len(reasons):,} of {len(subject.rows):,} rows; "
            f"row {row}: {said}. Change the contract or the data."
        )
    return contract


def _learnt(subject: Subject, columns: Mapping[str, Column]) -> Contract:
    if not hasattr(subject.rows, "columns"):
        return contract_of_array(subject.rows)
    return contract_of_table(
        subject.table, columns, known=subject.framework.known, fixed=categories_of(subject.rows)
    )


def _baseline(subject: Subject) -> Profile:
    """Profile the rows together with what was predicted for them."""
    import pyarrow as pa

    answers = plain(subject.predictions)
    parts = [answers] if answers.ndim == 1 else [answers[:, at] for at in range(min(answers.shape[1], 20))]
    if answers.ndim > 2:
        parts = []
    names = ["prediction"] if answers.ndim == 1 else [f"prediction_{at}" for at in range(len(parts))]
    table = subject.table
    for name, values in zip(names, parts, strict=True):
        free = name
        while table is not None and free in table.column_names:
            free += "_"
        column = pa.array(values)
        table = pa.table({free: column}) if table is None else table.append_column(free, column)
    return Profile() if table is None else Profile.of(table)


def _make_up(subject: Subject, folder: Path, contract: Contract, columns: Mapping[str, Column]) -> None:
    """Write made-up rows with the model's answers, if it answers any."""
    from dsml_magics.deploy.subject import asked

    rows = made_up(contract, columns)
    if rows is None:
        return
    inputs = inputs_of(check(rows, contract).rows, contract) if hasattr(rows, "schema") else rows
    try:
        answers = {name: asked(method, inputs, name) for name, method in subject.framework.methods.items()}
    except ModelUnusable:
        # Such as a function that reads codes out of a text: it answers the data, not made-up words.
        return
    found = {name: plain(answer) for name, answer in answers.items() if answer is not None}
    if all(answer.dtype.kind != "O" for answer in found.values()):
        write_case(folder, rows, found)


def _proved(subject: Subject, folder: Path, evidence: Evidence, wish: Wish, fresh: Prover) -> Evidence:
    """Let the fresh process load the package, and hold what it found against what was asked for.

    Raises
    ------
    ProofFailed
        Predictions differ and that was not approved, a promise of the contract is not kept, or a gate failed.
    """
    seal(folder)
    fresh.begin(folder, data=(subject.rows, subject.table, subject.answers), calls=wish.calls)
    # While the other process works.
    metrics, slices = metrics_of(subject), slices_of(subject)
    found = fresh.end()
    if found.differences and not wish.approve_difference:
        raise ProofFailed(
            f"Expected the same predictions in a fresh process, got others: {found.differences[0]}. "
            "Is the model random when it predicts? If the difference is right, give --approve-difference. "
            "Nothing was registered."
        )
    if unkept := broken(found.edges, differing=bool(found.differences)):
        raise ProofFailed(
            f"{len(unkept)} of {len(found.edges)} promises of the contract were not kept, first {unkept[0].name}, which it "
            f"{unkept[0].promise}: {unkept[0].said}. Mend the model, or give another contract by --contract. "
            "Nothing was registered."
        )
    evidence = replace(evidence, proof=replace(evidence.proof, metrics=metrics, slices=slices))
    return replace(evidence, proof=_proof(subject, folder, evidence.proof, wish, found))


def _proof(subject: Subject, folder: Path, proof: Proof, wish: Wish, found: Found) -> Proof:
    size_mb = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / _BYTES_PER_MB
    latency = found.latency or Latency(0, float("nan"), float("nan"), float("nan"))
    gates = results(
        wish.gates, figures_of(proof.metrics, latency, size_mb=size_mb, load_seconds=found.load_seconds)
    )
    require_passed(gates)
    return replace(
        proof,
        rows=len(subject.rows),
        methods=tuple(subject.answers),
        python=found.python,
        platform=found.platform,
        load_seconds=found.load_seconds,
        differences=found.differences,
        approved_by=made()["by"] if found.differences else None,
        made_up=found.made_up,
        edges=found.edges,
        gates=gates,
        latency=found.latency,
        path=found.path,
        path_reason=found.path_reason,
        size_mb=round(size_mb, 4),
    )


def _registered(ledger: Ledger, folder: Path, evidence: Evidence, wish: Wish) -> Package:
    """Write the proof and the card into the folder, seal it and register it."""
    _write_json(folder / PROOF, evidence.proof.to_dict())
    (folder / "dsml" / "card.md").write_text(markdown_of(evidence), encoding="utf-8", newline="\n")
    (folder / "dsml" / "card.html").write_text(html_of(evidence), encoding="utf-8", newline="\n")
    write_server(folder / SERVER, evidence.pins)
    run_id = evidence.lineage["run_id"]
    tags = {
        "dsml.manifest_sha256": seal(folder),
        "dsml.data_fingerprint": evidence.lineage["data_fingerprint"] or "",
        "dsml.proof": evidence.proof.summary[:500],
        "dsml.deployed_by": evidence.lineage["made"]["by"],
        **{f"dsml.metric.{name}": f"{value:.6g}" for name, value in evidence.proof.metrics.items()},
    }
    version = register(ledger, folder, name=evidence.name, run_id=run_id, tags=tags, approver=wish.approver)
    found: Registered = find(ledger, f"{version.name}@{version.number}")
    return package_in(found)


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
