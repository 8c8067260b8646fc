"""How good predictions are, on all rows and on slices of them; by scikit-learn's metrics."""

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from dsml_magics.errors import ColumnUnusable
from dsml_magics.package.proof import Slice

if TYPE_CHECKING:
    import pyarrow as pa

    from dsml_magics.deploy.subject import Subject

CLASSES = (
    "accuracy",
    "balanced_accuracy",
    "precision",
    "recall",
    "f1",
    "mcc",
    "roc_auc",
    "average_precision",
    "log_loss",
    "brier",
)
VALUES = ("r2", "mae", "rmse", "mape", "medae", "max_error")
_COLUMNS, _GROUPS, _LEAST = 8, 12, 30
_FEW = 20
Task = Literal["classes", "values"]


def metrics_of(subject: "Subject") -> dict[str, float]:
    """Measure the predictions against the target; none without one.

    Raises
    ------
    ColumnUnusable
        Predictions and target cannot be compared.
    """
    if subject.target is None:
        return {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _measured(subject, slice(None))
    except (ValueError, TypeError) as error:
        raise ColumnUnusable(
            f"Expected a target that compares with the predictions, but: {' '.join(str(error).split())[:200]}"
        ) from None


def slices_of(subject: "Subject") -> tuple[Slice, ...]:
    """Measure the predictions in groups, for each column that names some."""
    if subject.target is None or subject.table is None:
        return ()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return tuple(
            found for name in _grouping(subject.table) for found in _slices(subject, subject.table, name)
        )


def _measured(subject: "Subject", rows: Any) -> dict[str, float]:
    import numpy as np

    target, predictions = subject.target[rows], np.asarray(subject.predictions)[rows]
    if predictions.ndim == 2 and predictions.shape[1] == 1:
        predictions = predictions[:, 0]
    if task_of(subject) == "values":
        return _of_values(target, predictions)
    classes = _classes(subject)
    if target.dtype.kind == "O":
        target, predictions, classes = target.astype(str), predictions.astype(str), classes.astype(str)
    return _of_classes(target, predictions, _scores(subject, rows), classes)


def task_of(subject: "Subject") -> Task:
    """Tell whether classes are told apart or values estimated."""
    import numpy as np
    from sklearn.base import is_classifier, is_regressor

    model, target = subject.framework.model, subject.target
    if hasattr(model, "classes_") or _is(is_classifier, model):
        return "classes"
    if _is(is_regressor, model):
        return "values"
    return (
        "values"
        if target.dtype.kind == "f" or (len(np.unique(target)) > _FEW and target.dtype.kind in "iu")
        else "classes"
    )


def _is(test: Any, model: Any) -> bool:
    try:
        return bool(test(model))
    except (AttributeError, TypeError):
        return False


def _of_values(target: Any, predictions: Any) -> dict[str, float]:
    from sklearn import metrics

    found = {
        "r2": metrics.r2_score(target, predictions) if len(target) > 1 else float("nan"),
        "mae": metrics.mean_absolute_error(target, predictions),
        "rmse": metrics.root_mean_squared_error(target, predictions),
        "mape": metrics.mean_absolute_percentage_error(target, predictions),
        "medae": metrics.median_absolute_error(target, predictions),
    }
    if predictions.ndim == 1:
        found["max_error"] = metrics.max_error(target, predictions)
    return {name: float(value) for name, value in found.items()}


def _of_classes(target: Any, predictions: Any, scores: Any, classes: Any) -> dict[str, float]:
    from sklearn import metrics

    two = classes is not None and len(classes) == 2
    how: dict[str, Any] = {"pos_label": classes[1]} if two else {"average": "macro"}
    how["zero_division"] = 0.0
    found = {
        "accuracy": metrics.accuracy_score(target, predictions),
        "balanced_accuracy": metrics.balanced_accuracy_score(target, predictions),
        "precision": metrics.precision_score(target, predictions, **how),
        "recall": metrics.recall_score(target, predictions, **how),
        "f1": metrics.f1_score(target, predictions, **how),
        "mcc": metrics.matthews_corrcoef(target, predictions),
    }
    if scores is not None and classes is not None:
        found |= _of_scores(target, scores, classes)
    return {name: float(value) for name, value in found.items()}


def _of_scores(target: Any, scores: Any, classes: Any) -> dict[str, float]:
    from sklearn import metrics

    if len(classes) == 2:
        positive = target == classes[1]
        likely = scores[:, 1] if scores.ndim == 2 else scores
        if positive.all() or not positive.any():
            return {}
        found = {
            "roc_auc": metrics.roc_auc_score(positive, likely),
            "average_precision": metrics.average_precision_score(positive, likely),
        }
        if scores.ndim == 2:
            found |= {
                "log_loss": metrics.log_loss(positive, likely, labels=[False, True]),
                "brier": metrics.brier_score_loss(positive, likely),
            }
        return found
    if scores.ndim != 2 or scores.shape[1] != len(classes) or len(set(target)) < len(classes):
        return {}
    found = {"log_loss": metrics.log_loss(target, scores, labels=classes)} if (scores >= 0).all() else {}
    if abs(scores.sum(axis=1) - 1).max() < 1e-6:
        found["roc_auc"] = metrics.roc_auc_score(target, scores, multi_class="ovr", labels=classes)
    return found


def _classes(subject: "Subject") -> Any:
    import numpy as np

    classes = getattr(subject.framework.model, "classes_", None)
    if classes is None or not hasattr(classes, "__len__"):
        classes = np.unique(
            np.concatenate([subject.target.astype(str), np.asarray(subject.predictions).astype(str)])
        )
        return classes if subject.target.dtype.kind in "OUS" else np.unique(subject.target)
    classes = np.asarray(classes)
    return classes.astype(str) if classes.dtype.kind == "O" else classes


def _scores(subject: "Subject", rows: Any) -> Any:
    import numpy as np

    for method in ("predict_proba", "decision_function"):
        if method in subject.answers and not isinstance(subject.answers[method], list):
            return np.asarray(subject.answers[method])[rows]
    return None


def _grouping(table: "pa.Table") -> Iterator[str]:
    """Name the first columns that part the rows into some groups."""
    from pyarrow import types

    found = 0
    for field in table.schema:
        kind = field.type.value_type if types.is_dictionary(field.type) else field.type
        if not (types.is_boolean(kind) or types.is_string(kind) or types.is_large_string(kind)):
            continue
        if 2 <= len(table.column(field.name).unique()) <= 50 and found < _COLUMNS:
            found += 1
            yield field.name


def _slices(subject: "Subject", table: "pa.Table", name: str) -> Iterator[Slice]:
    import numpy as np

    values = np.array([str(value) if value is not None else "" for value in table.column(name).to_pylist()])
    groups, counts = np.unique(values, return_counts=True)
    for at in np.argsort(-counts, kind="stable")[:_GROUPS]:
        if counts[at] < _LEAST:
            continue
        mask = values == groups[at]
        yield Slice(name, str(groups[at]) or "missing", int(counts[at]), _of_slice(subject, mask))


def _of_slice(subject: "Subject", rows: Any) -> dict[str, float]:
    """Measure what says most of a group, as there are many."""
    import numpy as np
    from sklearn import metrics

    target, predictions = subject.target[rows], np.asarray(subject.predictions)[rows]
    if task_of(subject) == "values":
        found = {"mae": metrics.mean_absolute_error(target, predictions)}
        return {name: float(value) for name, value in found.items()}
    target, predictions, classes = target.astype(str), predictions.astype(str), _classes(subject).astype(str)
    found = {"accuracy": float((target == predictions).mean())}
    scores = _scores(subject, rows)
    if len(classes) == 2:
        found["predicted_rate"] = float((predictions == classes[1]).mean())
        if scores is not None and len(set(target.tolist())) > 1:
            likely = scores[:, 1] if scores.ndim == 2 else scores
            found["roc_auc"] = float(metrics.roc_auc_score(target == classes[1], likely))
    return found
