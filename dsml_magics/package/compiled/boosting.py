"""scikit-learn's histogram gradient boosting as masks of leaves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsml_magics.package.compiled.forest import Forest, Node, forest_of
from dsml_magics.package.compiled.part import Columns, Part
from dsml_magics.package.compiled.refusal import Uncompiled

if TYPE_CHECKING:
    import numpy as np

_LEAVES = 64
Answer = Callable[[Columns, int], Any]


def boosted(parts: Sequence[Part], estimator: Any) -> Answer:
    """Return what `predict` of a fitted ``HistGradientBoostingClassifier`` or ``...Regressor`` gives, from values.

    It reads what scikit-learn does not promise to keep; so whatever is not as expected is refused, and what is made of it
    is compared with the public `predict` before it is used.

    Raises
    ------
    Uncompiled
        It is another estimator, or has trees of too many leaves or by categories.
    """
    kind = type(estimator).__name__
    if kind not in ("HistGradientBoostingClassifier", "HistGradientBoostingRegressor"):
        raise Uncompiled(f"{kind} has no masks of leaves")
    if getattr(estimator, "_preprocessor", None) is not None:
        raise Uncompiled("it takes categories itself")
    forest = _forest(parts, estimator)
    if kind.endswith("Regressor"):
        inverse = estimator._loss.link.inverse  # noqa: SLF001
        return lambda columns, rows: inverse(forest.sums(columns, rows).ravel())
    classes = estimator.classes_
    if len(forest.baseline) == 1:
        return lambda columns, rows: classes[(forest.sums(columns, rows)[:, 0] > 0).astype(int)]
    return lambda columns, rows: classes[forest.sums(columns, rows).argmax(axis=1)]


def _forest(parts: Sequence[Part], estimator: Any) -> Forest:
    import numpy as np

    trees = [tree.nodes for iteration in estimator._predictors for tree in iteration]  # noqa: SLF001
    nodes: list[Node] = []
    values = np.zeros((len(trees), max(int(tree["is_leaf"].sum()) for tree in trees)))
    for number, tree in enumerate(trees):
        if tree["is_categorical"].any() or tree["is_leaf"].sum() > _LEAVES:
            raise Uncompiled("its trees are too large, or part by categories")
        _Walk(tree, number, nodes, values[number]).below(0, 0)
    return forest_of(parts, nodes, values, np.ravel(estimator._baseline_prediction))  # noqa: SLF001


@dataclass(frozen=True)
class _Walk:
    """A walk through a tree that numbers its leaves from left to right, and notes its nodes."""

    tree: "np.ndarray[Any, Any]"
    number: int
    nodes: list[Node]
    values: "np.ndarray[Any, Any]"

    def below(self, at: int, leaf: int) -> int:
        """Number the leaves below a node from `leaf` on; return the next number."""
        node = self.tree[at]
        if node["is_leaf"]:
            self.values[leaf] = node["value"]
            return leaf + 1
        middle = self.below(int(node["left"]), leaf)
        left = ((1 << (middle - leaf)) - 1) << leaf
        feature, threshold = int(node["feature_idx"]), float(node["num_threshold"])
        keeps = ~left & ((1 << _LEAVES) - 1)
        self.nodes.append(Node(self.number, feature, threshold, bool(node["missing_go_to_left"]), keeps))
        return self.below(int(node["right"]), middle)
