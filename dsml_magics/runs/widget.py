"""Runs as a widget: a table to sort and filter, parallel coordinates, metric against parameter."""

from pathlib import Path
from typing import Any

import anywidget
import traitlets

_STATIC = Path(__file__).parent / "static"


class RunsWidget(anywidget.AnyWidget):
    """Shows runs; `selected` holds the ids of the rows that are marked, in both directions.

    Attributes
    ----------
    table
        The runs, as `Runs.to_dict` gives them.
    """

    _esm = _STATIC / "widget.js"
    _css = _STATIC / "widget.css"
    table: Any = traitlets.Dict().tag(sync=True)
    selected: Any = traitlets.List(traitlets.Unicode()).tag(sync=True)
