"""What is known of a package when it is proved: what its card says."""

import datetime as dt
import getpass
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dsml_magics.package.contract import Contract
from dsml_magics.package.proof import Proof, Slice
from dsml_magics.profile.sensitive import is_sensitive

if TYPE_CHECKING:
    from dsml_magics.profile.column import Column

SECTIONS = ("Purpose", "Users", "Limits", "Fairness")
"""What only a person can write."""
SHOWN = ("accuracy", "roc_auc", "f1", "r2", "mae", "predicted_rate")


@dataclass(frozen=True)
class Evidence:
    """Everything that travels with a model to show where it comes from and that it works.

    Attributes
    ----------
    kind
        The model's class, in full.
    columns
        Figures of the columns it was proved on.
    pins
        Its requirements, as ``name==version``.
    lineage
        Its run, cell, commit and data, as in ``dsml/lineage.json``.
    notes
        What a person wrote, by section.
    """

    name: str
    kind: str
    contract: Contract
    columns: "Mapping[str, Column]"
    proof: Proof
    pins: Sequence[str]
    lineage: Mapping[str, Any]
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def asked(self) -> list[str]:
        """Sections that a person has still to write."""
        return [section for section in SECTIONS if not self.notes.get(section)]

    @property
    def slice_metrics(self) -> list[str]:
        """Names of the metrics that are shown by slice."""
        found = {name for each in self.proof.slices for name in each.metrics}
        return [name for name in SHOWN if name in found][:4]

    @property
    def gaps(self) -> list[tuple[str, str, Slice, Slice]]:
        """For each column that says who people are, each metric and the slices where it is lowest and highest."""
        found = []
        for column in dict.fromkeys(each.column for each in self.proof.slices):
            if column not in self.columns or not is_sensitive(self.columns[column]):
                continue
            for metric in self.slice_metrics:
                slices = [
                    each for each in self.proof.slices if each.column == column and metric in each.metrics
                ]
                if len(slices) > 1:
                    ordered = sorted(slices, key=lambda each: each.metrics[metric])
                    found.append((column, metric, ordered[0], ordered[-1]))
        return found


def made(now: dt.datetime | None = None) -> dict[str, str]:
    """Say who makes the package, and when."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = "unknown"
    return {"by": user, "at": (now or dt.datetime.now(dt.UTC)).strftime("%Y-%m-%d %H:%M UTC")}


def notes_of(text: str) -> dict[str, str]:
    r"""Read what a person wrote: a Markdown file with the headings Purpose, Users, Limits, Fairness.

    Examples
    --------
    >>> notes_of("# Purpose\nTo rank leads.\n## Limits\nNot for lending.")
    {'Purpose': 'To rank leads.', 'Limits': 'Not for lending.'}
    """
    found: dict[str, list[str]] = {}
    section = None
    for line in text.splitlines():
        if line.startswith("#"):
            title = line.lstrip("#").strip().capitalize()
            section = title if title in SECTIONS else None
        elif section:
            found.setdefault(section, []).append(line)
    return {name: "\n".join(lines).strip() for name, lines in found.items() if "".join(lines).strip()}
