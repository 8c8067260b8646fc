"""The server's panel in a notebook: where it is, how it does, a form to try a row, and a button that stops it."""

import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from dsml_magics.errors import DsmlError
from dsml_magics.serve.page import fields_of

if TYPE_CHECKING:
    from dsml_magics.serve.serving import Serving

_STATIC = Path(__file__).parent / "static"
_EVERY_S = 2.0
_COUNT = re.compile(r"^(dsml_\w+)\{([^}]*)\} ([\d.e+]+)$", re.MULTILINE)


class ServingPanel(anywidget.AnyWidget):
    """Shows a server.

    Attributes
    ----------
    fields
        A field for each column, as `fields_of` gives them.
    state
        Where it is and how it does.
    asked, answered
        A row that the user wants to have answered, as ``{"number": 1, "row": {...}}``, and what came of it.
    stopping
        Set when the user wants it to end.
    """

    _esm = _STATIC / "panel.js"
    _css = _STATIC / "panel.css"
    fields: Any = traitlets.List().tag(sync=True)
    state: Any = traitlets.Dict().tag(sync=True)
    asked: Any = traitlets.Dict().tag(sync=True)
    answered: Any = traitlets.Dict().tag(sync=True)
    stopping: Any = traitlets.Bool(default_value=False).tag(sync=True)


def panel_of(serving: "Serving") -> ServingPanel:
    """Make the panel of a server, and keep it up to date until the server ends."""
    panel = ServingPanel(fields=fields_of(serving.contract), state=state_of(serving))
    names = frozenset(serving.contract.names)

    def ask(change: Mapping[str, Any]) -> None:
        number, row = change["new"].get("number"), change["new"].get("row")
        if isinstance(row, dict) and names.issuperset(row):
            panel.answered = {"number": number, **_answer(serving, row)}

    def stop(_: object) -> None:
        serving.stop()
        panel.state = state_of(serving)

    panel.observe(ask, "asked")
    panel.observe(stop, "stopping")
    threading.Thread(target=_follow, args=(serving, panel), name="dsml-panel", daemon=True).start()
    return panel


def _answer(serving: "Serving", row: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        said = serving.predict(row)
    except (DsmlError, ValueError) as error:
        return {"message": str(error)}
    if "predictions" in said:
        return {"prediction": said["predictions"][0]}
    return {"message": said["message"]}


def _follow(serving: "Serving", panel: ServingPanel) -> None:
    while serving.is_running:
        state = state_of(serving)
        if state != panel.state:
            panel.state = state
        serving.ended(_EVERY_S)
    panel.state = state_of(serving)


def state_of(serving: "Serving") -> Mapping[str, Any]:
    """Say where a server is and how it does."""
    found: dict[str, Any] = {**serving.to_dict(), "ready": False, "requests": 0, "rows": 0, "violations": 0}
    if not serving.is_running:
        return found
    try:
        found["ready"] = '"ready":true' in serving.get("/health/ready").replace(" ", "")
        counts = _COUNT.findall(serving.get("/metrics"))
    except DsmlError:
        return found
    for metric, labels, value in counts:
        if metric == "dsml_requests_total" and _is_prediction(labels):
            found["requests"] += int(float(value))
        elif metric in ("dsml_rows_total", "dsml_violations_total"):
            found[metric.split("_")[1]] += int(float(value))
    return {**found, **_percentiles(counts)}


def _is_prediction(labels: str) -> bool:
    return 'route="/invocations"' in labels or "/infer" in labels


def _percentiles(counts: "list[tuple[str, str, str]]") -> Mapping[str, float]:
    """Read the median and the 99th percentile from the histogram of times, between the ends of its bins."""
    bins: dict[float, float] = {}
    for metric, labels, value in counts:
        if metric == "dsml_request_seconds_bucket" and _is_prediction(labels):
            end = float(re.findall(r'le="([^"]+)"', labels)[0].replace("+Inf", "inf"))
            bins[end] = bins.get(end, 0) + float(value)
    ends = sorted(bins)
    if not ends or not bins[ends[-1]]:
        return {}
    return {name: _percentile(bins, ends, share) for name, share in (("p50_ms", 0.5), ("p99_ms", 0.99))}


def _percentile(bins: Mapping[float, float], ends: list[float], share: float) -> float:
    wanted, low, before = share * bins[ends[-1]], 0.0, 0.0
    for end in ends:
        if bins[end] >= wanted:
            high = end if end != float("inf") else low
            within = (wanted - before) / (bins[end] - before) if bins[end] > before else 1.0
            return round(1000 * (low + (high - low) * within), 2)
        low, before = end, bins[end]
    return round(1000 * low, 2)
