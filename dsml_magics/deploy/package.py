"""A package: a registered model with its proofs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dsml_magics.profile.value import Profile


@dataclass(frozen=True)
class Proof:
    """What a fresh process found when it loaded the package.

    Attributes
    ----------
    rows
        How many rows were predicted.
    methods
        Which methods predicted bit for bit what the notebook's model did.
    python
        The version of Python that ran the proof.
    load_seconds, predict_seconds
        Wall time of loading and of predicting all rows.
    """

    rows: int
    methods: tuple[str, ...]
    python: str
    load_seconds: float
    predict_seconds: float


@dataclass(frozen=True)
class Package:
    """A version of a packaged model, as registered in the ledger.

    Attributes
    ----------
    name, version, alias
        What it is registered as; the alias is ``champion`` for the first version, else ``challenger``.
    uri
        ``models:/name/version``: what any MLflow tool opens.
    path
        Where its files are on this machine.
    run_id
        The run that fitted the model, where the ledger knows it.
    proof, baseline, card
        What was proved, what the data looked like, and the card in Markdown.
    """

    name: str
    version: int
    alias: str
    uri: str
    path: Path
    run_id: str | None
    proof: Proof
    baseline: Profile
    card: str

    def __str__(self) -> str:
        run = f"fitted in run {self.run_id}" if self.run_id else "fitted in no tracked run"
        return (
            f"{self.name} version {self.version} ({self.alias}): {self.uri}\n"
            f"  proved: {', '.join(self.proof.methods)} equal bit for bit on {self.proof.rows:,} rows in a fresh process\n"
            f"  {run}\n"
            f"  files: {self.path}"
        )

    def __repr__(self) -> str:
        return f"<Package {self.name} version {self.version} ({self.alias})>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001  IPython's signature
        printer.text(repr(self) if cycle else str(self))
