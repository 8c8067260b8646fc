"""What a search over parameters found, as scikit-learn's and its like say it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dsml_magics.track.series import number_of

_MOST = 10_000


@dataclass(frozen=True)
class Best:
    """The score of the best candidate, and of each."""

    metrics: dict[str, float] = field(default_factory=dict)
    series: dict[str, tuple[float, ...]] = field(default_factory=dict)


def best_of(name: str, model: Any) -> Best:
    """Read ``best_score_`` and the mean test scores; nothing of what is no search.

    Their names are expressions of the block, so that a run that is done again can evaluate them.
    """
    state = getattr(model, "__dict__", {})
    results = state.get("cv_results_")
    if not isinstance(state.get("best_params_"), Mapping):
        return Best()
    score = number_of(state.get("best_score_"))
    return Best(
        {} if score is None else {f"{name}.best_score_": score},
        dict(_scores(name, results)) if isinstance(results, Mapping) else {},
    )


def _scores(name: str, results: Mapping[str, Any]) -> list[tuple[str, tuple[float, ...]]]:
    return [
        (f"{name}.cv_results_.{key}", tuple(map(float, values)))
        for key, values in results.items()
        if str(key).startswith("mean_test_") and 0 < len(values) <= _MOST
    ]
