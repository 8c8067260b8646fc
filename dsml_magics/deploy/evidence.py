"""What is known of a package before it is registered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dsml_magics.deploy.package import Proof
from dsml_magics.profile.value import Profile


@dataclass(frozen=True)
class Evidence:
    """Everything that travels with a model to show where it comes from and that it works.

    Attributes
    ----------
    kind
        The model's class, in full.
    pins
        Its requirements, as ``name==version``.
    lineage
        Its run, cell, commit and data, as in ``dsml/lineage.json``.
    """

    name: str
    kind: str
    baseline: Profile
    proof: Proof
    pins: tuple[str, ...]
    lineage: Mapping[str, Any]
