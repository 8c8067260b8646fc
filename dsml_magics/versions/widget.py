"""Packaged models as a widget: a table to sort and filter, and the moves of the champion."""

from pathlib import Path
from typing import Any

import anywidget
import traitlets

_STATIC = Path(__file__).parent / "static"


class ModelsWidget(anywidget.AnyWidget):
    """Shows versions; `selected` is the reference of the marked one, such as ``income@3``, in both directions.

    Attributes
    ----------
    table
        The versions, as `Models.to_dict` gives them.
    """

    _esm = _STATIC / "widget.js"
    _css = _STATIC / "widget.css"
    table: Any = traitlets.Dict().tag(sync=True)
    selected: Any = traitlets.Unicode("").tag(sync=True)
