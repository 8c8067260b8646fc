"""Compile a fitted scikit-learn pipeline into a plan; or say why not."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from dsml_magics.package.compiled.boosting import boosted
from dsml_magics.package.compiled.filling import ENCODERS, lookups
from dsml_magics.package.compiled.part import Numbers, Part
from dsml_magics.package.compiled.plan import Plan
from dsml_magics.package.compiled.refusal import Uncompiled
from dsml_magics.package.compiled.step import dense, step_of, without_names
from dsml_magics.package.contract import Contract

_LIBRARIES = ("sklearn", "xgboost", "lightgbm", "catboost")
_NUMERIC = ("integer", "number", "boolean")


def compiled(model: Any, contract: Contract) -> Plan:
    """Compile a fitted pipeline of scikit-learn's transformers and any estimator on numbers.

    Parameters
    ----------
    contract
        What the columns are, in the order in which the model takes them.

    Raises
    ------
    Uncompiled
        The model, or a part of it, cannot be compiled; the message says which.
    """
    if not contract.columns:
        raise Uncompiled("the model takes arrays of other than two dimensions")
    for rule in contract.columns:
        if rule.categorical:
            raise Uncompiled(f"the column {rule.name!r} is categorical")
    *transformers, estimator = _steps(model)
    for each in (*transformers, estimator):
        _require_known(each)
    try:
        return _plan(transformers, estimator, contract)
    except Uncompiled:
        raise
    except Exception as error:
        raise Uncompiled(f"it could not be taken apart ({type(error).__name__}: {error})"[:200]) from error


def _plan(transformers: Sequence[Any], estimator: Any, contract: Contract) -> Plan:
    head = _Head(contract)
    every = list(range(len(contract.columns)))
    if transformers and not (_is_numeric(contract, every) and type(transformers[0]).__name__ not in _ODD):
        first, *rest = transformers
        parts = head.parts(first, every, 0)
        is_sparse = head.is_sparse if type(first).__name__ != "ColumnTransformer" else first.sparse_output_
    else:
        if not _is_numeric(contract, every):
            raise Uncompiled("the estimator takes columns that are not numbers")
        parts, rest, is_sparse = [Numbers(tuple(every), (), 0, len(every))], list(transformers), False
    tail = [_public(each) if is_sparse else step_of(each) for each in rest]
    predict = without_names(estimator).predict
    if contract.form == "array" and contract.dtype == "float32":
        tail.insert(0, lambda matrix: matrix.astype("float32"))
    direct = None
    if not tail and not is_sparse:
        # Whatever it does not know, it leaves to the estimator.
        with suppress(Uncompiled, AttributeError, KeyError, TypeError, ValueError, RecursionError):
            direct = boosted(parts, estimator)
    return Plan(tuple(parts), parts[-1].stop if parts else 0, is_sparse, tuple(tail), predict, direct)


_ODD = ("ColumnTransformer", *ENCODERS)
"""Transformers that are taken apart even when all columns are numbers."""


def _public(transformer: Any) -> Any:
    return without_names(transformer).transform


def _steps(model: Any) -> Iterator[Any]:
    """List what a model does one after the other, the estimator last."""
    while hasattr(model, "best_estimator_"):
        model = model.best_estimator_
    if not hasattr(model, "steps"):
        yield model
        return
    for _, step in model.steps:
        if step is not None and step != "passthrough":
            yield from _steps(step)


def _require_known(each: Any) -> None:
    if type(each).__module__.partition(".")[0] not in _LIBRARIES:
        raise Uncompiled(f"{type(each).__name__} is not of a library that is known")


def _is_numeric(contract: Contract, at: Sequence[int]) -> bool:
    return all(contract.columns[each].type in _NUMERIC for each in at)


class _Head:
    """Takes the first transformer apart, which is given the frame."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.is_sparse = False

    def parts(self, transformer: Any, at: Sequence[int], start: int) -> list[Part]:
        """Return the parts of a fitted transformer of the columns `at`, one after the other from `start` on."""
        steps = list(_steps(transformer))
        if type(steps[0]).__name__ == "ColumnTransformer":
            if len(steps) > 1:
                raise Uncompiled("a pipeline inside goes on behind its ColumnTransformer")
            return self._chosen(steps[0], at, start)
        for each in steps:
            _require_known(each)
        if _is_numeric(self.contract, at) and not any(type(each).__name__ in ENCODERS for each in steps):
            return [self._numbers(steps, at, start)]
        found = lookups(transformer, steps, at, start, self.contract)
        self.is_sparse = self.is_sparse or found.is_sparse
        return list(found.parts)

    def _chosen(self, transformer: Any, at: Sequence[int], start: int) -> list[Part]:
        """Take a ColumnTransformer apart, its outputs in their order."""
        names = [self.contract.columns[each].name for each in at]
        order = {
            name: place for name, place in transformer.output_indices_.items() if place.stop > place.start
        }
        parts: list[Part] = []
        for name, each, chosen in sorted(
            (found for found in transformer.transformers_ if found[0] in order),
            key=lambda found: order[found[0]].start,
        ):
            columns = [at[place] for place in _places(chosen, names)]
            made = self.parts(each, columns, start + order[name].start)
            if made[-1].stop != start + order[name].stop:
                raise Uncompiled(f"{name!r} gives another number of columns than expected")
            parts += made
        return parts

    def _numbers(self, steps: Sequence[Any], at: Sequence[int], start: int) -> Numbers:
        found = tuple(step_of(each) for each in steps)
        return Numbers(
            tuple(at),
            () if all(map(_is_identity, steps)) else found,
            start,
            start + _width(found, len(at)),
        )


def _is_identity(each: Any) -> bool:
    return type(each).__name__ == "FunctionTransformer" and each.func is None


def _width(steps: Sequence[Any], columns: int) -> int:
    """Find out how many columns come out, with a row of ones."""
    import numpy as np

    block = np.ones((1, columns))
    for step in steps:
        block = dense(step(block))
    return int(block.shape[1])


def _places(chosen: Any, names: Sequence[str]) -> list[int]:
    """Find the columns that a transformer was given: by name, place, slice or mask."""
    import numpy as np

    if isinstance(chosen, str):
        return [names.index(chosen)]
    if isinstance(chosen, slice):
        start, stop = (
            names.index(end) if isinstance(end, str) else end for end in (chosen.start, chosen.stop)
        )
        if isinstance(chosen.stop, str):
            stop += 1
        return list(range(len(names)))[slice(start, stop, chosen.step)]
    if isinstance(chosen, int | np.integer):
        return [int(chosen)]
    found = list(chosen)
    if found and all(isinstance(each, bool | np.bool_) for each in found):
        return [place for place, is_in in enumerate(found) if is_in]
    return [names.index(each) if isinstance(each, str) else int(each) for each in found]
