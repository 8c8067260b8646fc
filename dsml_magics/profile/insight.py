"""What deserves a second look: one function an insight, each with its evidence in numbers."""

from collections.abc import Callable, Iterator

from dsml_magics.profile.value import Column, Insight, Profile, Severity

_RANK = {"high": 0, "medium": 1, "low": 2}
_MISSING_MUCH = 0.4
_NEARLY_CONSTANT = 0.98
_MANY_CATEGORIES = 50
_SKEWED = 2.0
_ZEROS = 0.5
_OUTLIERS = 0.01
_LEAK = 0.98
_DRIFTED = 0.1
_RARE_CLASS = 0.1

Rule = Callable[[Profile], Iterator[Insight]]


def insights(profile: Profile) -> tuple[Insight, ...]:
    """Apply every rule, most severe findings first."""
    found = [insight for rule in _RULES for insight in rule(profile)]
    return tuple(sorted(found, key=lambda insight: _RANK[insight.severity]))


def _constant(profile: Profile) -> Iterator[Insight]:
    for column in _of(profile, "constant"):
        value = f" {column.top[0][0]!r}" if column.top else ""
        yield Insight("constant", column.name, "medium", f"has only one value{value}: it tells nothing")


def _nearly_constant(profile: Profile) -> Iterator[Insight]:
    for column in profile.columns.values():
        if column.distinct > 1 and column.top and column.top[0][1] >= _NEARLY_CONSTANT * column.present:
            value, count = column.top[0]
            yield Insight(
                "nearly_constant",
                column.name,
                "low",
                f"is {value!r} in {_share(count, column.present)} of the values",
            )


def _missing(profile: Profile) -> Iterator[Insight]:
    for column in profile.columns.values():
        if profile.target and column.name == profile.target.column:
            continue  # `target_missing` says it
        if column.kind == "empty":
            yield Insight(
                "all_missing", column.name, "high", f"has no value in any of {column.rows:,} rows: drop it"
            )
        elif column.missing:
            much = column.missing >= _MISSING_MUCH * column.rows
            severity: Severity = (
                "high" if much else "medium" if column.missing > 0.05 * column.rows else "low"
            )
            message = f"is missing in {column.missing:,} of {column.rows:,} rows ({_share(column.missing, column.rows)})"
            yield Insight("missing", column.name, severity, message)


def _duplicate_rows(profile: Profile) -> Iterator[Insight]:
    if profile.duplicate_rows:
        share = _share(profile.duplicate_rows, profile.rows)
        message = f"{profile.duplicate_rows:,} rows ({share}) repeat an earlier row"
        yield Insight("duplicate_rows", None, "medium", message)


def _identifier(profile: Profile) -> Iterator[Insight]:
    for column in _of(profile, "identifier"):
        message = f"has {column.distinct:,} values in as many rows: a key, not a feature"
        yield Insight("identifier", column.name, "medium", message)


def _high_cardinality(profile: Profile) -> Iterator[Insight]:
    for column in _of(profile, "categorical"):
        if column.distinct > _MANY_CATEGORIES:
            message = f"has {column.distinct:,} categories: one column each is too many for one-hot encoding"
            yield Insight("high_cardinality", column.name, "low", message)


def _skewed(profile: Profile) -> Iterator[Insight]:
    for column in _of(profile, "numeric"):
        if column.skewness is not None and abs(column.skewness) > _SKEWED:
            message = f"is skewed ({column.skewness:+.1f}): consider a logarithm or ranks"
            yield Insight("skewed", column.name, "low", message)


def _zeros(profile: Profile) -> Iterator[Insight]:
    for column in _of(profile, "numeric"):
        if column.distinct > 2 and column.zeros >= _ZEROS * column.present:
            message = (
                f"is 0 in {_share(column.zeros, column.present)} of the values: is 0 a measurement or a gap?"
            )
            yield Insight("zeros", column.name, "low", message)


def _infinite(profile: Profile) -> Iterator[Insight]:
    for column in profile.columns.values():
        if column.infinite:
            message = f"holds {column.infinite:,} infinite values: most estimators refuse them"
            yield Insight("infinite", column.name, "high", message)


def _outliers(profile: Profile) -> Iterator[Insight]:
    for column in _of(profile, "numeric"):
        if column.outliers >= max(1, _OUTLIERS * column.present) and column.distinct > _MANY_CATEGORIES:
            share = _share(column.outliers, column.present)
            message = f"has {column.outliers:,} values ({share}) more than 3 interquartile ranges from the quartiles"
            yield Insight("outliers", column.name, "low", message)


def _as_text(profile: Profile) -> Iterator[Insight]:
    for column in profile.columns.values():
        if column.mixed:
            yield Insight("mixed_types", column.name, "high", f"mixes {column.mixed}: it was read as text")
        elif column.parses_as:
            message = f"holds {column.parses_as}s kept as text: convert it before use"
            yield Insight(f"{column.parses_as}_as_text", column.name, "medium", message)


def _imbalance(profile: Profile) -> Iterator[Insight]:
    target = profile.target and profile.columns[profile.target.column]
    if target and 1 < target.distinct <= len(target.top):
        value, count = target.top[-1]
        if count < _RARE_CLASS * target.present:
            message = (
                f"is {value!r} in only {_share(count, target.present)} of the rows: accuracy will flatter"
            )
            yield Insight("imbalance", target.name, "medium", message)


def _target_missing(profile: Profile) -> Iterator[Insight]:
    target = profile.target and profile.columns[profile.target.column]
    if target and target.missing:
        message = f"is the target, and missing in {target.missing:,} rows: they cannot train or test a model"
        yield Insight("target_missing", target.name, "high", message)


def _leakage(profile: Profile) -> Iterator[Insight]:
    for found in profile.target.associations if profile.target else ():
        if found.strength >= _LEAK and profile.target:
            message = f"all but decides {profile.target.column!r} ({found.measure} {found.strength:.3f}): is it known in time?"
            yield Insight("leakage", found.column, "high", message)


def _drifted(profile: Profile) -> Iterator[Insight]:
    if not profile.comparison:
        return
    for drift in profile.comparison.drifts:
        if drift.distance >= _DRIFTED:
            severity: Severity = "high" if drift.distance >= 2 * _DRIFTED else "medium"
            message = f"differs between the tables ({drift.measure} distance {drift.distance:.2f})"
            yield Insight("drift", drift.column, severity, message)
    for name in profile.comparison.only_here:
        yield Insight("column_gone", name, "high", "is missing in the compared table")
    for name in profile.comparison.only_there:
        yield Insight("column_new", name, "medium", "is only in the compared table")


_RULES: tuple[Rule, ...] = (
    _leakage,
    _target_missing,
    _drifted,
    _infinite,
    _missing,
    _as_text,
    _duplicate_rows,
    _imbalance,
    _constant,
    _identifier,
    _nearly_constant,
    _high_cardinality,
    _outliers,
    _skewed,
    _zeros,
)


def _of(profile: Profile, kind: str) -> Iterator[Column]:
    return (column for column in profile.columns.values() if column.kind == kind)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "0%"
