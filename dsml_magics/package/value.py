"""A package, as a value."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsml_magics.package.contract import Contract
from dsml_magics.package.proof import Proof
from dsml_magics.profile.value import Profile

if TYPE_CHECKING:
    from dsml_magics.package.scorer import Scorer


@dataclass(frozen=True, repr=False)
class Package:
    """A model that can be deployed, with its contract and its proofs. Shows itself as text and as HTML.

    Attributes
    ----------
    name, version, alias
        What it is registered as; no name and version if it is a folder alone.
    uri
        ``models:/name/version``, which any MLflow tool opens; else the folder.
    path
        Where its files are on this machine.
    proof, contract, baseline
        What was proved, what its input must be, and what input and predictions looked like.
    lineage
        The run, cell, commit and data it comes from.
    sealed
        SHA-256 of its manifest.
    format
        Of the package's files: see `package.release`.
    """

    name: str
    version: int | None
    alias: str | None
    uri: str
    path: Path
    proof: Proof
    contract: Contract
    baseline: Profile
    lineage: Mapping[str, Any]
    sealed: str
    format: int

    @cached_property
    def card(self) -> str:
        """What it is, in Markdown, for a reviewer."""
        return (self.path / "dsml" / "card.md").read_text(encoding="utf-8")

    @property
    def run_id(self) -> str | None:
        """The run that fitted the model, where the ledger knows it."""
        return self.lineage.get("run_id")

    def load(self) -> "Scorer":
        """Load the model; its files were checked when the package was opened."""
        from dsml_magics.package.scorer import load

        return load(self.path, self.contract, uri=self.uri, sealed=self.sealed)

    @property
    def title(self) -> str:
        """Its name, version and alias."""
        if self.version is None:
            return self.name
        return f"{self.name} version {self.version}" + (f" ({self.alias})" if self.alias else "")

    def __str__(self) -> str:
        run = f"fitted in run {self.run_id}" if self.run_id else "fitted in no tracked run"
        lines = [f"{self.title}: {self.uri}", f"  proved: {self.proof.summary}"]
        if self.proof.edges:
            lines.append(f"  edges: {len(self.proof.edges)} promises of the contract kept")
        lines += [f"  gate: {gate}" for gate in self.proof.gates]
        if self.proof.latency:
            lines.append(
                f"  size {self.proof.size_mb:.2f} MB, one row p50 {self.proof.latency.p50_ms:.2g} ms, "
                f"p99 {self.proof.latency.p99_ms:.2g} ms"
            )
        if self.proof.path_reason:
            lines.append(f"  served the {self.proof.path} way: {self.proof.path_reason}")
        if self.proof.format:
            lines.append(f"  written as {self.proof.format}: {self.proof.reason}")
        return "\n".join([*lines, f"  {run}", f"  files: {self.path}"])

    def __repr__(self) -> str:
        return f"<Package {self.title}>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        card = self.path / "dsml" / "card.html"
        found = {"text/plain": str(self)}
        if card.is_file():
            page = card.read_text(encoding="utf-8")
            found["text/html"] = page.partition("<body>")[2].partition("</body>")[0]
        return found
