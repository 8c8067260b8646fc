"""Where a model comes from: the run that fitted it, found by the model's content."""

import json
from typing import Any

from dsml_magics.deploy.subject import Subject
from dsml_magics.frames.fingerprint import fingerprint
from dsml_magics.frames.opening import open_table
from dsml_magics.ledger.digest import digest_of_model
from dsml_magics.ledger.store import Ledger

SCHEMA = "dsml.lineage/2"


def lineage_of(ledger: Ledger, subject: Subject) -> dict[str, Any]:
    """Say which run fitted the model, with its cell, commit and data."""
    digest = digest_of_model(subject.framework.model)
    run_id = ledger.run_that_fitted(digest) if digest else None
    tags = ledger.tags_of_run(run_id) if run_id else {}
    return {
        "schema": SCHEMA,
        "model_digest": digest,
        "run_id": run_id,
        "cell_sha256": tags.get("dsml.cell_sha256"),
        "git_commit": tags.get("dsml.git_commit"),
        "notebook": tags.get("dsml.notebook"),
        "data_fingerprint": fingerprint(open_table(subject.table)) if subject.table is not None else None,
        **(_of_run(ledger, run_id) if run_id else {"cell_source": None, "run_data": {}}),
    }


def _of_run(ledger: Ledger, run_id: str) -> dict[str, Any]:
    """Read what the run kept of its cell and its data."""
    facts = json.loads(ledger.text(run_id, "dsml/cell.json") or "{}")
    return {
        "cell_source": ledger.text(run_id, "dsml/cell.py"),
        "run_data": {table["name"]: table["fingerprint"] for table in facts.get("tables", ())},
    }
