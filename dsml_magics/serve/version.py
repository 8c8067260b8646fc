"""A version that a server answers from: checked, loaded and warmed up."""

import json
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dsml_magics.errors import ModelUnusable, PackageAltered
from dsml_magics.package import manifest
from dsml_magics.package.answering import Answered, Answerer
from dsml_magics.package.compiled.compiling import compiled
from dsml_magics.package.compiled.refusal import Uncompiled
from dsml_magics.package.contract import Contract
from dsml_magics.package.opening import contract_in
from dsml_magics.package.proof import FILE as PROOF
from dsml_magics.package.scorer import Bare, Scorer, load_model, tell_other_versions
from dsml_magics.serve.flavor import try_model
from dsml_magics.serve.place import Place
from dsml_magics.serve.protocol.exchange import Rows

_MOMENT_S = 0.005
_AT_ONCE = 10_000


@dataclass(frozen=True)
class Version:
    """A loaded version.

    Attributes
    ----------
    at_once
        So many rows are answered within a moment: no other request minds waiting for them.
    """

    place: Place
    contract: Contract
    answerer: Answerer
    at_once: int = 1

    @property
    def label(self) -> str:
        return self.place.label

    def answer(self, rows: Rows) -> Answered:
        """Answer rows; those of a tensor are not validated against ranges.

        Raises
        ------
        ModelUnusable
            The model raised.
        """
        if rows.tensor is None:
            return self.answerer.answer(rows.columns, rows.count)
        if not rows.count:
            return Answered(self.answerer.scorer.nothing(), (), ())
        return Answered(self.answerer.scorer.predict(rows.tensor), (), ())


def load_version(place: Place) -> Version:
    """Check every file of a package, then load its model and answer the rows that travel with it.

    Raises
    ------
    PackageAltered
        A file is not as it was proved; nothing was loaded.
    ModelUnusable
        It cannot be loaded, or does not answer as it did.
    """
    folder = Path(place.folder)
    manifest.check(folder, sealed_as=place.sealed)
    contract, is_compiled = contract_in(folder), _is_compiled(folder)
    tell_other_versions(folder, place.folder)
    try:
        model = try_model(folder)
        model = load_model(folder) if model is None else Bare(model)
    except PackageAltered:
        raise
    except Exception as error:
        raise ModelUnusable(f"The package could not be loaded: {type(error).__name__}.") from error
    scorer = Scorer(model, contract, place.folder, place.sealed)
    plan = None
    if is_compiled:
        with suppress(Uncompiled):
            plan = compiled(scorer.model.get_raw_model(), contract)
    version = Version(place, contract, Answerer(scorer, plan))
    return replace(version, at_once=_warm(version, folder))


def _is_compiled(folder: Path) -> bool:
    """Whether its proof says that the plan of the pipeline answers as the pipeline does."""
    try:
        return bool(json.loads((folder / PROOF).read_text(encoding="utf-8")).get("path") == "compiled")
    except (OSError, ValueError, AttributeError):
        return False


def _warm(version: Version, folder: Path) -> int:
    """Let the model answer, so that the first request does not wait for what is made once; return what it can at once."""
    from dsml_magics.package.case import plain, read_case
    from dsml_magics.package.reading import values_of

    case = read_case(folder)
    if case is None or not hasattr(case[0], "schema"):
        return 1
    rows, expected = case
    columns = [values_of(rows.column(name)) for name in version.contract.names]
    answered = version.answerer.answer(columns, rows.num_rows)
    version.answerer.answer([column[:1] for column in columns], 1)
    begun = time.perf_counter()
    version.answerer.answer(columns, rows.num_rows)
    seconds = time.perf_counter() - begun
    if answered.is_refused or not _alike(plain(answered.predictions), expected["predict"]):
        raise ModelUnusable(
            "The package does not answer the rows that travel with it as it did when it was proved."
        )
    return max(1, min(_AT_ONCE, int(rows.num_rows * _MOMENT_S / seconds)))


def _alike(got: Any, expected: Any) -> bool:
    """Whether answers are those of the proof; another processor may round otherwise."""
    import numpy as np

    if got.shape != expected.shape:
        return False
    if got.dtype.kind in "fc":
        return bool(np.allclose(got, expected, rtol=1e-6, atol=1e-9, equal_nan=True))
    return bool(np.all(got == expected))
