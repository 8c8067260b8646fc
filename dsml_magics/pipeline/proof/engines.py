"""How tables of Spark are described: lazy, so by the plan that makes them; nothing is computed."""

import re
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dsml_magics.pipeline.proof.description import Description, Walk

# Spark numbers what it makes, across the whole session: `id#12L`, `plan_id=7`.
_NUMBER = re.compile(r"(?<=#)\d+|(?<=plan_id=)\d+")


def spark_frame(value: Any, walk: "Walk", path: str) -> "Description":
    """Describe a frame by its columns and, where its plan is in this process' reach, by that."""
    facts = {".schema": value.schema.json()}
    if (made := getattr(value, "_jdf", None)) is not None:
        facts[".plan"] = renumbered(made.queryExecution().analyzed().toString())
    return walk.parts("spark frame", facts, path)


def spark_column(value: Any, walk: "Walk", path: str) -> "Description":  # noqa: ARG001  every describer has this form
    return walk.leaf("spark column", renumbered(str(value)))


def renumbered(plan: str) -> str:
    """Number what a plan refers to by where it is first met in it."""
    numbers, free = dict[str, str](), count()
    return _NUMBER.sub(lambda found: numbers.setdefault(found[0], str(next(free))), plan)


BY_NAME = {
    "pyspark.sql.dataframe.DataFrame": spark_frame,
    "pyspark.sql.column.Column": spark_column,
}
