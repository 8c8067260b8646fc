"""Figures built by hand, for the tests of the views: every part of them, exact or not, harmless or hostile."""

import datetime as dt
import math
from dataclasses import replace
from types import MappingProxyType

from dsml_magics.profile.column import Column, Histogram, Text, Time
from dsml_magics.profile.figures import (
    Association,
    CategoryChange,
    Comparison,
    CorrelationChange,
    Drift,
    Figures,
    Group,
    Insight,
    Matrix,
    Missing,
    MissingPattern,
    Question,
    Scatter,
    Target,
    TargetGroup,
    TargetPlot,
)
from dsml_magics.profile.language import Statement

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>\x1b[31m\x00\u202e\"'`javascript:alert(1)"
    "</style></title><!-- {{ 7*7 }} ⟦0⟧"
)
ROWS = 1000


def number(name="age", *, rows=ROWS, low=0.0, high=100.0, bounds=None, **more):
    """A numeric column, evenly distributed."""
    step = (high / 20 - low / 20) if math.isfinite(high) else 1.0
    edges = (*(low + step * place for place in range(20)), high)
    figures = dict(
        evidence=Statement("kind.because_type", {"type": "double"}),
        distinct=rows // 2,
        missing=rows // 20,
        min=low,
        max=high,
        mean=low / 2 + high / 2,
        std=29.01,
        skewness=0.1,
        kurtosis=-1.2,
        percentiles=tuple(low + (high / 100 - low / 100) * percent for percent in range(101)),
        histogram=Histogram(edges, tuple(range(10, 30))),
        top=((7.0, 9), (8.0, 8), (9.0, 1)),
        zeros=3,
        negative=2,
        outliers=5,
        deviants=6,
        bounds=MappingProxyType(bounds or {}),
    )
    return Column(**(dict(name=name, kind="numeric", type="double", rows=rows) | figures | more))


def category(name="job", *, rows=ROWS, values=("clerk", "nurse", "smith"), **more):
    """A column of a few categories."""
    figures = dict(
        evidence=Statement("kind.because_few", {"distinct": len(values)}),
        distinct=len(values),
        missing=0,
        top=tuple((value, rows // 2 ** (place + 1)) for place, value in enumerate(values)),
        text=Text(4, 5.0, 6, 1, 1.0, (("Latin", 1.0), ("Hangul", 0.2)), len(values)),
    )
    return Column(**(dict(name=name, kind="categorical", type="string", rows=rows) | figures | more))


def moment(name="start", *, rows=ROWS, first=dt.datetime(2024, 1, 1), step=dt.timedelta(hours=1), **more):
    """A column of moments at equal distances."""
    figures = dict(
        distinct=rows,
        missing=0,
        min=first,
        max=first + 100 * step,
        mean=first + 50 * step,
        percentiles=tuple(first + step * percent for percent in range(101)),
        histogram=Histogram(tuple(first + 5 * step * place for place in range(21)), (50,) * 20),
        top=((first, 1),),
        time=Time(None, step, 0.9, dt.timedelta(days=3), first, "increasing"),
    )
    return Column(**(dict(name=name, kind="datetime", type="timestamp[us]", rows=rows) | figures | more))


def bare(name, kind, kind_of_arrow, *, rows=ROWS, **more):
    """A column that little is known of."""
    return Column(name, kind, kind_of_arrow, rows, **(dict(missing=0, distinct=1) | more))


def columns_of(*columns):
    return MappingProxyType({column.name: column for column in columns})


def insights_of(name):
    return (
        Insight(
            "outliers",
            name,
            "high",
            {"count": 5, "share": 0.005, "bound": 2},
            f"df[{name!r}].clip(0, 1)",
            "df",
        ),
        Insight("duplicate_rows", None, "medium", {"duplicates": 3, "rows": ROWS, "share": 0.003}),
        Insight("associated", name, "low", {"other": name, "measure": "Cramér's V", "strength": 0.99}),
    )


QUESTIONS = (
    ("distribution", "distribution_times", {"column": "{name}", "min": "2024", "max": "2025"}),
    ("missing", "missing_none", {"rows": ROWS, "columns": 3}),
    ("treatment", "treatment_none", {}),
    ("outliers", "outliers_none", {"numbers": 1}),
    ("relations", "relations_none", {"limit": 0.3}),
    ("inputs", "inputs_answer", {"columns": 3, "ready": 3, "engineer": 0, "out": 0}),
    ("enough", "enough_no_features", {"rows": ROWS}),
    ("enlarge", "enlarge_not_needed", {"ways": 1}),
    ("bias", "bias_none", {}),
)


def questions_of(name):
    """The nine questions; six statements as evidence for each."""
    pair = {"column": name, "other": name, "measure": "correlation ratio", "strength": 0.5, "bound": 0.1}
    evidence = (
        Statement("question.relations_pair", pair),
        Statement("question.inputs_key", {"columns": (name, "…"), "count": 7}),
    )
    return tuple(
        Question(
            code,
            Statement(
                f"question.{answer}",
                {key: name if value == "{name}" else value for key, value in values.items()},
            ),
            3 * evidence,
        )
        for code, answer, values in QUESTIONS
    )


def target_of(column, *others, task="classes"):
    """The target by every other column."""
    pairs = tuple(Association(other, column, "Cramér's V", 0.4, 0.02) for other in others)
    shares = dict(shares=(0.7, 0.2, 0.1)) if task == "classes" else dict(mean=3.0, lower=1.0, upper=4.0)
    groups = tuple(TargetGroup(label, 300, **shares) for label in ("0 to 9", "10 to 90", "(missing)"))
    return Target(
        column,
        pairs,
        task,
        ("clerk", "nurse", None) if task == "classes" else (),
        tuple(TargetPlot(other, groups) for other in others),
        pairs[:1],
    )


def comparison_of(columns, *, rows=500, **more):
    """The same columns in a second table, and how far they have moved."""
    there = columns_of(*(replace(column, rows=rows, missing=0) for column in columns.values()))
    drifts = tuple(
        Drift(
            name,
            "Kolmogorov-Smirnov",
            0.3,
            (column.missing, 0),
            (column.mean, column.mean),
            0.2,
            0.001,
            0.29,
            0.004,
            0.2,
            (CategoryChange(column.top[0][0], 20),) if column.kind == "categorical" else (),
        )
        for name, column in columns.items()
    )
    names = tuple(columns)
    figures = dict(
        only_here=names[:1],
        only_there=("new",),
        kinds_changed=((names[0], "numeric", "text"),),
        types_changed=((names[0], "int64", "string"),),
        overlap=12,
        overlap_bound=0.01,
        columns=there,
        origin="test.parquet",
        false_alarms=0.01,
        tests=3 * len(names),
        correlations=(CorrelationChange(names[0], names[-1], (0.7, -0.1), 0.002),),
        names=(names[0], "test.parquet"),
    )
    return Comparison(rows, drifts, **(figures | more))


def rich(name="age", *, rows=ROWS, origin="train.parquet", task="classes"):
    """Figures with every part; the first column is called `name`."""
    bounds = {"distinct": 0.03, "percentiles": 0.0005, "histogram": 0.001, "outliers": 0.2, "top": 0.01}
    columns = columns_of(
        number(
            name, bounds=bounds, personal=(), variants=((name, "b "),), parses_as="number", mixed="int, str"
        ),
        category(values=("clerk", "nurse", name)),
        moment(),
        moment("day", kind="date", type="date32[day]", first=dt.date(2024, 1, 1), step=dt.timedelta(days=1)),
        bare(
            "flag",
            "boolean",
            "bool",
            min=False,
            max=True,
            mean=0.4,
            distinct=2,
            top=((True, 400), (False, 600)),
        ),
        bare("list", "nested", "list<item: int64>", distinct=0),
        bare("none", "empty", "null", missing=rows, distinct=0),
        category("mail", values=("a@example.com",), personal=(("email", 1.0),), kind="identifier"),
    )
    names = [name, "job", "start", "flag"]
    pairs = tuple(Association(one, "flag", "Pearson", 0.9, 0.01) for one in names[:3])
    values = tuple(tuple(None if i == 2 else 1.0 if i == j else -0.5 for j in range(4)) for i in range(4))
    return Figures(
        rows=rows,
        columns=columns,
        insights=insights_of(name),
        questions=questions_of(name),
        associations=pairs,
        matrix=Matrix(tuple(names), values, left_out=50),
        scatters=(Scatter(name, "job", "Pearson", 0.9, tuple((float(n), float(n * n)) for n in range(40))),),
        missing=Missing(
            1050,
            0,
            (MissingPattern((name, "none"), 50), MissingPattern(("none",), 950)),
            ((name, "none", 0.5),),
            0.01,
        ),
        target=target_of("job", name, "start", task=task),
        comparison=comparison_of(columns),
        duplicate_rows=3,
        duplicate_bound=0.001,
        examined=rows // 2,
        groups=(Group("job", "clerk", 300, 0.3, 0.2, 0.01), Group("job", "(other)", 700, 0.7, None, 0.0)),
        origin=origin,
    )


def wide(count, *, rows=ROWS, names="column_{:05}"):
    """Many columns, numbers and categories, with a target, a comparison and the strongest pairs."""
    labels = [names.format(place) for place in range(count)]
    columns = columns_of(
        *(
            number(label, rows=rows)
            if place % 2
            else category(label, rows=rows, values=tuple(f"value {n}" for n in range(10)))
            for place, label in enumerate(labels)
        )
    )
    size = min(30, count)
    pairs = tuple(Association(labels[n], labels[n + 1], "Pearson", 0.9) for n in range(min(count - 1, 200)))
    figures = Figures(
        rows=rows,
        columns=columns,
        insights=tuple(insight for label in labels for insight in insights_of(label)[:1]),
        questions=questions_of(labels[0]),
        associations=pairs,
        unpaired=max(0, count - 100),
        matrix=Matrix(tuple(labels[:size]), tuple((0.123,) * size for _ in range(size)), count - size),
        scatters=tuple(
            Scatter(labels[0], labels[1], "Pearson", 0.9, tuple((n * 1.7, n * 3.1) for n in range(300)))
            for _ in range(6)
        ),
        missing=Missing(
            10,
            900,
            tuple(MissingPattern(tuple(labels[: n + 1]), 10) for n in range(10)),
            ((labels[0], labels[1], 0.5),) * 20,
        ),
        comparison=comparison_of(columns, only_here=(), types_changed=(), kinds_changed=()),
        examined=rows,
        origin="wide.parquet",
    )
    classes = (*(f"class {n}" for n in range(8)), None)
    groups = tuple(TargetGroup(f"value {n}", 100, shares=(1 / 9,) * 9) for n in range(9))
    plots = tuple(TargetPlot(label, groups) for label in labels[1:13])
    ranked = tuple(Association(label, labels[0], "Cramér's V", 0.4) for label in labels[1:])
    return replace(figures, target=Target(labels[0], ranked, "classes", classes, plots))
