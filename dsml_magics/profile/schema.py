"""A profile as JSON, in the schema ``dsml.profile/1``."""

import datetime as dt
import json
import math
from dataclasses import asdict
from typing import Any

from dsml_magics.profile.value import Column, Profile

SCHEMA = "dsml.profile/1"
QUANTILES = (1, 5, 25, 50, 75, 95, 99)
"""The percentiles that the views show."""


def dict_of(profile: Profile) -> dict[str, Any]:
    """Return the figures in JSON's types; what does not apply is None."""
    whole: dict[str, Any] = {
        "schema": SCHEMA,
        "rows": profile.rows,
        "columns": [_column(column) for column in profile.columns.values()],
        "insights": [asdict(insight) for insight in profile.insights],
        "duplicate_rows": profile.duplicate_rows,
        "origin": profile.origin,
        "target": asdict(profile.target) if profile.target else None,
        "comparison": asdict(profile.comparison) if profile.comparison else None,
    }
    return {key: _plain(value) for key, value in whole.items()}


def json_of(profile: Profile) -> str:
    """Write the figures as JSON that every reader accepts (RFC 8259: no NaN, no Infinity)."""
    return json.dumps(dict_of(profile), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _column(column: Column) -> dict[str, Any]:
    whole = {
        name: getattr(column, name)
        for name in Column.__slots__
        if name not in ("percentiles", "histogram", "top")
    }
    whole["quantiles"] = {
        f"{percent / 100:g}": column.percentiles[percent] for percent in QUANTILES if column.percentiles
    }
    whole["histogram"] = asdict(column.histogram) if column.histogram else None
    whole["top"] = [{"value": value, "count": count} for value, count in column.top]
    return whole


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
