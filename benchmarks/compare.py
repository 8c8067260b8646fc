"""What the comparison of two tables finds, and how often it is wrong, beside the best single test at the same level.

False alarms: of tables of one distribution, with columns of many kinds, how many comparisons raise any. Power: of tables
that differ in one column among ten others, how many find that. The single tests are scipy's, told which column and which
question, at the level that keeps the same budget: that of all tables divided by their columns (Bonferroni).
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "profile"))
from two_tables import DIFFERENCES, alarms, clean, moved

BUDGET = 0.01
ROWS = (200, 1000, 20_000)
WIDTHS = (5, 30)
PARTS = ("false_alarms", "power")


def singles(first: pd.DataFrame, second: pd.DataFrame, name: str) -> dict[str, float]:
    """Give the probability of each test that a column can be put to."""
    one, two = first[name], second[name]
    gaps = [[each.isna().sum(), each.notna().sum()] for each in (one, two)]
    found = {"two proportions": _chi2(np.array(gaps))}
    one, two = one.dropna(), two.dropna()
    if one.dtype.kind in "fi":
        found["ks_2samp"] = stats.ks_2samp(one, two, method="asymp").pvalue
        found["mannwhitneyu"] = stats.mannwhitneyu(one, two).pvalue
        found["ttest_ind"] = stats.ttest_ind(one, two, equal_var=False).pvalue
    else:
        found["chi2_contingency"] = _chi2(
            pd.concat([one.astype(str).value_counts(), two.astype(str).value_counts()], axis=1)
            .fillna(0)
            .to_numpy()
            .T
        )
    if "beside" in first and name == "moved":
        found["Fisher's z"] = _fisher(first, second)
    return found


def _chi2(table: Any) -> float:
    table = table[:, table.sum(axis=0) > 0]
    return 1.0 if table.shape[1] < 2 else float(stats.chi2_contingency(table, correction=False).pvalue)


def _fisher(first: pd.DataFrame, second: pd.DataFrame) -> float:
    z = [np.arctanh(np.corrcoef(each.moved, each.beside)[0, 1]) for each in (first, second)]
    return float(2 * stats.norm.sf(abs(z[0] - z[1]) / np.sqrt(1 / (len(first) - 3) + 1 / (len(second) - 3))))


def false_alarms(sizes: Sequence[int], rounds: int) -> Iterator[str]:
    """Compare tables that do not differ."""
    yield "| rows | columns | comparisons | ours: any alarm | scipy's test of each column, Bonferroni: any alarm |"
    yield "|---|---|---|---|---|"
    for rows in sizes:
        for width in WIDTHS:
            random, number = np.random.default_rng(rows + width), max(rounds // (1 + (rows >= 20_000) * 9), 2)
            ours = theirs = 0
            for _ in range(number):
                first, second = clean(random, (rows, rows), width)
                ours += bool(alarms(first, second))
                tests = [p for name in first for p in _of_each(singles(first, second, name))]
                theirs += min(tests) <= BUDGET / len(tests)
            yield f"| {rows:,} | {width} | {number} | {ours / number:.1%} | {theirs / number:.1%} |"


def _of_each(found: dict[str, float]) -> list[float]:
    """Choose the tests that fit a column without knowing what may have changed."""
    return [p for name, p in found.items() if name in ("two proportions", "ks_2samp", "chi2_contingency")]


def power(sizes: Sequence[int], rounds: int) -> Iterator[str]:
    """Compare tables that differ in one column."""
    yield "| difference | rows | ours | best single test, told where to look | the same of all |"
    yield "|---|---|---|---|---|"
    for difference in DIFFERENCES:
        for rows in sizes:
            random, number = np.random.default_rng(rows), max(rounds // (1 + (rows >= 20_000) * 9), 2)
            ours, hits = 0, dict[str, int]()
            for _ in range(number):
                first, second = moved(random, rows, difference)
                ours += any(column in ("moved", "beside") for _, column in alarms(first, second))
                for name, p in singles(first, second, "moved").items():
                    hits[name] = hits.get(name, 0) + (p <= BUDGET / first.shape[1])
            best = max(hits, key=lambda name: hits[name])
            others = ", ".join(f"{name} {count / number:.0%}" for name, count in hits.items() if name != best)
            yield f"| {difference} | {rows:,} | {ours / number:.0%} | {best} {hits[best] / number:.0%} | {others} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200, help="comparisons a line; a tenth at 20,000 rows")
    parser.add_argument("--rows", type=int, nargs="+", default=ROWS, help="rows of each table")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    chosen = parser.parse_args()
    works = {"false_alarms": false_alarms, "power": power}
    for part in chosen.parts:
        for line in works[part](chosen.rows, chosen.rounds):
            print(line, flush=True)
        print()


if __name__ == "__main__":
    main()
