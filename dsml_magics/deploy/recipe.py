"""The recipe of a deploy: build, prove, register; all of it or nothing."""

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dsml_magics.deploy.card import card_of
from dsml_magics.deploy.evidence import Evidence
from dsml_magics.deploy.flavor import predict_of, save
from dsml_magics.deploy.inputs import Inputs
from dsml_magics.deploy.loading import model_of
from dsml_magics.deploy.manifest import seal
from dsml_magics.deploy.package import Package
from dsml_magics.deploy.proving import expected_of, prove
from dsml_magics.deploy.sample import model_input, predicted
from dsml_magics.frames.fingerprint import fingerprint
from dsml_magics.frames.opening import open_table
from dsml_magics.ledger.digest import digest_of_model
from dsml_magics.ledger.registry import checked_name, find, register
from dsml_magics.ledger.store import Ledger, open_ledger
from dsml_magics.profile.measure import measure

_SIGNATURE_ROWS = 1000


def deployed(model: Any, *, name: str, data: Any) -> Package:
    """Package `model`, prove it on `data`, and register it as the next version of `name`."""
    checked_name(name)
    model = model_of(model)
    predict = predict_of(model)
    rows = model_input(model, data)
    predictions = predicted(predict, rows)
    ledger = open_ledger()
    lineage = _lineage(ledger, model, rows)
    baseline = measure(rows)
    with tempfile.TemporaryDirectory(prefix="dsml-package-") as work:
        folder = Path(work) / "package"
        pins = save(model, folder, sample=rows[:_SIGNATURE_ROWS], predictions=predictions[:_SIGNATURE_ROWS])
        (folder / "dsml").mkdir()
        Inputs.of(rows).write(folder)
        baseline.to_json(folder / "dsml" / "baseline.json")
        _write_json(folder / "dsml" / "lineage.json", lineage)
        seal(folder)
        proof = prove(folder, rows=rows, expected=expected_of(model, rows, predictions))
        kind = f"{type(model).__module__}.{type(model).__qualname__}"
        return _registered(ledger, folder, Evidence(name, kind, baseline, proof, tuple(pins), lineage))


def _registered(ledger: Ledger, folder: Path, evidence: Evidence) -> Package:
    """Write the proof and the card into the folder, seal it and register it."""
    card = card_of(evidence)
    _write_json(folder / "dsml" / "proof.json", {"schema": "dsml.proof/1", **asdict(evidence.proof)})
    (folder / "dsml" / "card.md").write_text(card, encoding="utf-8", newline="\n")
    run_id = evidence.lineage["run_id"]
    tags = {
        "dsml.manifest_sha256": seal(folder),
        "dsml.data_fingerprint": evidence.lineage["data_fingerprint"],
        "dsml.proof": f"equal on {evidence.proof.rows} rows",
    }
    version = register(ledger, folder, name=evidence.name, run_id=run_id, tags=tags)
    return Package(
        name=version.name,
        version=version.number,
        alias=version.alias,
        uri=version.uri,
        path=find(ledger, f"{version.name}@{version.number}").folder,
        run_id=run_id,
        proof=evidence.proof,
        baseline=evidence.baseline,
        card=card,
    )


def _lineage(ledger: Ledger, model: Any, rows: Any) -> dict[str, Any]:
    """Say where the model comes from: the run that fitted it, by the model's content."""
    digest = digest_of_model(model)
    run_id = ledger.run_that_fitted(digest) if digest else None
    tags = ledger.tags_of_run(run_id) if run_id else {}
    return {
        "schema": "dsml.lineage/1",
        "model_digest": digest,
        "run_id": run_id,
        "cell_sha256": tags.get("dsml.cell_sha256"),
        "git_commit": tags.get("dsml.git_commit"),
        "data_fingerprint": fingerprint(open_table(rows)),
    }


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8", newline="\n")
