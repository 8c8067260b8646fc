"""Compare two runs."""

import difflib
import hashlib
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from dsml_magics.command.naming import named_value
from dsml_magics.errors import DataError, UsageError
from dsml_magics.frames.opening import is_table
from dsml_magics.installed import required_by
from dsml_magics.profile.language import number
from dsml_magics.runs.artifact import Artifacts
from dsml_magics.runs.defaults import with_defaults
from dsml_magics.runs.difference import Difference, Row
from dsml_magics.runs.finding import run_of

_COSTS = "dsml."
_SHORT = 12
_NAMED = 5
_MOVED = 0.1
"""Columns that moved less are not named."""


def compared(first: object, second: object) -> Difference:
    """Find two runs, and what differs between them.

    Raises
    ------
    UsageError
        There is no such run.
    """
    _refuse_tables(first, second)
    try:
        one, two = with_defaults([run_of(first), run_of(second)])
    except UsageError:
        # A run may have the name of a table: only where there is none, the table was meant.
        _refuse_tables(named_value(first), named_value(second))
        raise
    with tempfile.TemporaryDirectory() as folder:
        here, there = Artifacts(one, Path(folder) / "1"), Artifacts(two, Path(folder) / "2")
        return Difference(
            one,
            two,
            params=_rows(one.params, two.params),
            metrics=_metrics(one.metrics, two.metrics),
            data=_data(here, there, (one.inputs, two.inputs)),
            packages=differing_packages(here.facts.get("packages", {}), there.facts.get("packages", {})),
            session=_rows(_of_session(here), _of_session(there)),
            code=_code(here, there, (one.short_id, two.short_id)),
        )


def _refuse_tables(*values: object) -> None:
    if any(map(is_table, values)):
        raise UsageError(
            "Expected two runs, got tables. Compare tables by `dsml.profile(first, compare=second)`, or "
            "`%dsml_profile first --compare second`."
        )


def _code(here: Artifacts, there: Artifacts, names: tuple[str, str]) -> tuple[str, ...]:
    before, after = (artifacts.text("cell.py").splitlines() for artifacts in (here, there))
    return tuple(difflib.unified_diff(before, after, names[0], names[1], lineterm="", n=2))


def _rows(one: Mapping[str, Any], two: Mapping[str, Any]) -> tuple[Row, ...]:
    return tuple(
        Row(name, str(one.get(name, "")), str(two.get(name, "")), _only(name, one, two))
        for name in dict.fromkeys([*one, *two])
        if one.get(name) != two.get(name)
    )


def _only(name: str, one: Mapping[str, Any], two: Mapping[str, Any]) -> str:
    if name in one and name in two:
        return ""
    return "only in the first" if name in one else "only in the second"


def differing_packages(one: Mapping[str, str], two: Mapping[str, str]) -> tuple[Row, ...]:
    """Leave out what is installed wherever a run is recorded, and was only imported later in one of them."""
    own = required_by("dsml-magics")
    return tuple(row for row in _rows(one, two) if not (row.said and canonicalize_name(row.name) in own))


def _metrics(one: Mapping[str, float], two: Mapping[str, float]) -> tuple[Row, ...]:
    found = []
    for name in dict.fromkeys([*one, *two]):
        before, after = one.get(name), two.get(name)
        # As text NaN equals itself.
        if name.startswith(_COSTS) or repr(before) == repr(after):
            continue
        said = _only(name, one, two)
        if before is not None and after is not None:
            times = f"{after / before:.4g}" if before else "1"
            said = f"{after - before:+.4g}" + (f", x {times}" if times != "1" else "")
        found.append(Row(name, number(before), number(after), said))
    return tuple(found)


def _data(
    here: Artifacts, there: Artifacts, inputs: tuple[Mapping[str, str], Mapping[str, str]]
) -> tuple[Row, ...]:
    tables = [{table["name"]: table for table in each.facts.get("tables", [])} for each in (here, there)]
    found = []
    for row in _rows(*inputs):
        one, two = (known.get(row.name, {}) for known in tables)
        said = row.said or _moved(here, there, (one, two))
        found.append(Row(row.name, _table(row.first, one), _table(row.second, two), said))
    return tuple(found)


def _table(fingerprint: str, facts: Mapping[str, Any]) -> str:
    if not fingerprint:
        return ""
    shape = f"{facts['rows']:,} x {len(facts['types'])}, " if "rows" in facts else ""
    return f"{shape}{fingerprint[:_SHORT]}"


def _moved(here: Artifacts, there: Artifacts, tables: tuple[Mapping[str, Any], Mapping[str, Any]]) -> str:
    """Say how the columns of two tables differ, as their profiles know it."""
    one, two = tables
    if not one or not two:
        return "other content"
    changes = [row.name for row in _rows(one["types"], two["types"])]
    said = [f"schema: {', '.join(changes[:_NAMED])}"] if changes else []
    contents = [each.content(facts.get("profile") or "") for each, facts in ((here, one), (there, two))]
    if contents[0] and contents[1]:
        said += _drifts(contents[0], contents[1])
    return "; ".join(said) or "other content, distributed alike"


def _drifts(one: bytes, two: bytes) -> list[str]:
    from dsml_magics.profile.drift import comparison
    from dsml_magics.profile.measure import columns_of
    from dsml_magics.profile.value import Profile

    try:
        states = [Profile.from_bytes(each).require_state() for each in (one, two)]
    except DataError:
        return []
    here, there = map(columns_of, states)
    found = comparison(here, there, rows=states[1].rows, overlap=None, origin="")
    moved = [f"{drift.column} {drift.distance:.2f}" for drift in found.drifts if drift.distance >= _MOVED]
    return [f"moved: {', '.join(moved[:_NAMED])}"] if moved else []


def _of_session(artifacts: Artifacts) -> dict[str, str]:
    facts, patch = artifacts.facts, artifacts.text("diff.patch")
    git = facts.get("git") or {}
    before = [cell["sha256"][:6] for cell in facts.get("history", [])[:-1]]
    found = {
        "commit": str(git.get("commit", ""))[:_SHORT],
        "uncommitted changes": f"{len(patch.splitlines())} lines, {_digest(patch)}" if patch else "",
        "cells before": " ".join(before[-8:]),
        "random states": _digest(artifacts.text("random.json")),
        "python": str(facts.get("python", "")),
        "platform": str(facts.get("platform", "")),
        "arguments": " ".join(map(str, facts.get("arguments", []))),
    }
    return {name: value for name, value in found.items() if value}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_SHORT] if text else ""
