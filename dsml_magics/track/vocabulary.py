"""What names and calls mean for a run: which yield scores, which take settings, which only pass values on."""

import ast
import re
import sys
from collections.abc import Mapping
from typing import Any

from dsml_magics.track.estimator import is_estimator_class

_SCORE = re.compile(
    r"(^|_)(scores?|acc|accuracy|auc|auroc|roc|auprc|loss(es)?|errors?|err|mse|rmse|mae|mape|r2|f1|f2|fbeta|"
    r"precision|recall|specificity|sensitivity|kappa|mcc|ndcg|brier|perplexity|bleu|rouge|iou|dice|metrics?|"
    r"eval|evaluate|evaluation|evaluator|criterion|cross_validate|best_value|deviance|likelihood|aic|bic)($|_|\d)",
    re.IGNORECASE,
)
_SETTINGS = re.compile(
    r"(^|_)(args?|argv|opts?|options|cfg|conf|configs?|configuration|params?|hparams|hp|hyper\w*|settings|flags|"
    r"environ|getenv|trial)($|_)",
    re.IGNORECASE,
)
_SETTINGS_TYPES = ("Namespace", "SimpleNamespace", "DictConfig")
_FITS = frozenset({"fit", "partial_fit", "fit_transform", "fit_predict", "fit_resample"})
_TAKES_ALL = frozenset({"set_params", "compile", "train", "make_pipeline", "make_column_transformer"})
_SPLITS = re.compile(r"(^|_)(split|cross_val\w*|cross_validate|learning_curve|validation_curve)($|_)")
_LIBRARY_OF_TABLES = frozenset(
    {"numpy", "pandas", "polars", "pyarrow", "matplotlib", "plotly", "seaborn", "IPython", "rich", "tqdm"}
)
_UNNAMED_CLASSES = frozenset({"DataFrame", "Series", "Path", "Figure", "Counter", "Decimal", "Fraction"})
_PASSES = frozenset({"int", "float", "str", "bool", "round", "abs", "min", "max", "dict", "list", "tuple"})
_PASSES |= {"set", "sorted", "reversed", "range", "zip", "enumerate", "product", "tqdm"}
_NUMERIC = frozenset({"np", "numpy", "math"})


def is_score_name(name: str) -> bool:
    """Tell whether a variable, key or function of this name holds or yields a score.

    Examples
    --------
    >>> is_score_name("roc_auc_score"), is_score_name("val_loss"), is_score_name("scoring")
    (True, True, False)
    """
    return _SCORE.search(name) is not None


def is_settings_name(name: str) -> bool:
    """Tell whether a variable or attribute of this name holds settings, such as ``args`` or ``best_params_``."""
    return _SETTINGS.search(name) is not None


def is_settings(value: object) -> bool:
    """Tell whether a value holds settings: what a parser of arguments or of a configuration returns."""
    return type(value).__name__ in _SETTINGS_TYPES


def name_of_call(call: ast.Call) -> str:
    """Return the last part of what is called: ``fit`` for ``model.fit(X)``."""
    return str(getattr(call.func, "attr", None) or getattr(call.func, "id", ""))


def base_of(node: ast.expr) -> str:
    """Return the name that a chain of attributes, items and calls begins with; empty if there is none.

    Examples
    --------
    >>> base_of(ast.parse("a.b[0].c()", mode="eval").body)
    'a'
    """
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def called(call: ast.Call, names: Mapping[str, Any]) -> Any:
    """Look up the class or function that is called; None if the namespace does not hold it.

    Attributes are read from modules only: an object of the user may run code when asked.
    """
    chain: list[str] = []
    node = call.func
    while isinstance(node, ast.Attribute):
        chain.append(node.attr)
        node = node.value
    value = names.get(node.id) if isinstance(node, ast.Name) else None
    for attribute in reversed(chain):
        value = vars(value).get(attribute) if type(value) is type(sys) else None
    return value


def yields_score(call: ast.Call, names: Mapping[str, Any]) -> bool:
    """Tell whether a call yields scores: a metric by its module or name, or a function of the user that calls one."""
    if takes_all_settings(call, names):
        return False
    function = called(call, names)
    if str(getattr(function, "__module__", "")).startswith(("sklearn.metrics", "torchmetrics")):
        return True
    code = getattr(function, "__code__", None) if type(function).__name__ == "function" else None
    return is_score_name(name_of_call(call)) or any(map(is_score_name, getattr(code, "co_names", ())))


def takes_all_settings(call: ast.Call, names: Mapping[str, Any]) -> bool:
    """Tell whether every argument of a call is a setting: a constructor of a model, splitter or optimizer."""
    name, value = name_of_call(call), called(call, names)
    if isinstance(value, type):
        root = value.__module__.partition(".")[0]
        is_library = root in _LIBRARY_OF_TABLES or root in sys.stdlib_module_names
        return is_estimator_class(value) or not is_library
    return name in _TAKES_ALL or (value is None and name[:1].isupper() and name not in _UNNAMED_CLASSES)


def takes_data_first(call: ast.Call) -> bool:
    """Tell whether a call fits or splits: it takes a model and data first, and settings by keyword or after them."""
    name = name_of_call(call)
    return name in _FITS or _SPLITS.search(name) is not None


def passes_on(call: ast.Call) -> bool:
    """Tell whether a call returns what it is given, in another form: ``round(x, 3)``."""
    return isinstance(call.func, ast.Name) and call.func.id in _PASSES


def counts_with(call: ast.Call) -> bool:
    """Tell whether a call passes on or counts with what it is given: ``np.logspace(low, high)`` too."""
    return passes_on(call) or (isinstance(call.func, ast.Attribute) and base_of(call.func) in _NUMERIC)
