"""The nine questions: answered in order, with the numbers that a data scientist would look for."""

import datetime as dt
import string

import numpy as np
import pytest

import dsml_magics as dsml
from dsml_magics.profile.column import Column
from dsml_magics.profile.figures import Figures, Group, Target
from dsml_magics.profile.language import catalog, say
from dsml_magics.profile.question import ANSWERS, questions
from dsml_magics.profile.question.role import ORDER
from dsml_magics.profile.settings import Settings

rng = np.random.default_rng(0)
ROWS = 1000
NOISE = rng.normal(size=ROWS)
DAYS = [dt.datetime(2024, 1, 1) + dt.timedelta(hours=n) for n in range(ROWS)]


def gaps(values, share, seed=0):
    gone = np.random.default_rng(seed).random(len(values)) < share
    return [None if missing else value for value, missing in zip(values, gone, strict=True)]


def choice(values, p=None, seed=1, rows=ROWS):
    return np.random.default_rng(seed).choice(values, rows, p=p).tolist()


def mixed():
    """A table with something of everything."""
    target = choice(["stay", "go"], [0.95, 0.05])
    return {
        "id": [f"K{n}" for n in range(ROWS)],
        "sex": choice(["male", "female"], seed=2),
        "age": np.random.default_rng(3).integers(18, 80, ROWS).tolist(),
        "country": choice([f"c{n}" for n in range(40)], seed=4),
        "city": choice([f"t{n}" for n in range(300)], seed=5),
        "income": np.exp(2 * NOISE).tolist(),
        "height": gaps(NOISE + 170, 0.02, 6),
        "weight": gaps(NOISE * 9 + 70 + np.random.default_rng(7).normal(size=ROWS), 0.2, 8),
        "grade": gaps(choice(["a", "b", "c"], seed=9), 0.2, 10),
        "colour": gaps(choice(["red", "blue"], seed=11), 0.02, 12),
        "flag": gaps(choice([True, False], seed=13), 0.2, 14),
        "note": gaps([f"customer {n} called about the bill" for n in range(ROWS)], 0.1, 15),
        "left": gaps(np.random.default_rng(16).permutation(DAYS).tolist(), 0.2, 17),
        "when": gaps(np.random.default_rng(18).permutation(DAYS).tolist(), 0.01, 19),
        "empty": gaps(NOISE * 2, 0.9, 20),
        "only": gaps(["yes"] * ROWS, 0.5, 21),
        "price": gaps([f"{n % 40},5" for n in range(ROWS)], 0.2, 24),
        "one": [1] * ROWS,
        "twin": (NOISE * 3 + 1).tolist(),
        "original": NOISE.tolist(),
        "gain": [max(0.0, value - 0.5) for value in np.random.default_rng(22).normal(size=ROWS)],
        "born": [f"{1950 + n % 50}-01-{n % 28 + 1:02}" for n in range(ROWS)],
        "mail": [f"p{n % 900}@example.org" for n in range(ROWS)],
        "parts": [[n % 3] for n in range(ROWS)],
        "nested": gaps([[n % 4] for n in range(ROWS)], 0.02, 23),
        "status": target,
        "copy": ["S" if value == "stay" else "G" for value in target],
    }


@pytest.fixture(scope="module")
def report():
    return dsml.profile(mixed(), target="status")


def answer(profile, code):
    return next(each for each in profile.questions if each.code == code)


def said(profile, code, language="en"):
    found = answer(profile, code)
    return [say(each.code, each.values, language) for each in (found.answer, *found.evidence)]


def values(profile, code, statement):
    found = answer(profile, code)
    return [each.values for each in (found.answer, *found.evidence) if each.code == f"question.{statement}"]


def test_the_nine_questions_stand_in_their_order(report):
    assert [each.code for each in report.questions] == [
        *(
            "distribution",
            "missing",
            "treatment",
            "outliers",
            "relations",
            "inputs",
            "enough",
            "enlarge",
            "bias",
        ),
    ]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_question_is_put_into_words(report, language):
    for each in report.questions:
        assert say(f"question.{each.code}", {}, language)
        assert all(said(report, each.code, language))


def test_the_evidence_is_short(report):
    for each in report.questions:
        assert len(each.evidence) <= (len(ORDER) if each.code in ("inputs", "enlarge") else 7)


def test_the_distribution_tells_the_target_first(report):
    assert values(report, "distribution", "distribution_groups")[0]["column"] == "status"


def test_the_distribution_of_numbers_has_quartiles():
    (found,) = values(dsml.profile({"x": [*range(101), 50]}), "distribution", "distribution_even")
    assert (found["lower"], found["median"], found["upper"]) == (25.25, 50, 74.75)


def test_classes_that_are_numbers_are_described_as_classes():
    profile = dsml.profile({"x": NOISE, "y": choice([0, 1])}, target="y")
    assert values(profile, "distribution", "distribution_groups")[0]["column"] == "y"


def test_answers_of_a_large_table_say_how_exact_they_are():
    many = 600_000
    noise = np.random.default_rng(0).normal(size=many)
    profile = dsml.profile({"x": noise, "sex": ["f", "m"] * (many // 2), "y": noise > 0}, target="y")
    assert values(profile, "distribution", "distribution_ranks")[0]["off"] > 0
    assert values(profile, "bias", "bias_sample")[0]["examined"] < many


def test_missing_cells_are_counted():
    profile = dsml.profile({"a": [1, None, 3, 4], "b": ["x", None, None, "y"]})
    (found,) = values(profile, "missing", "missing_answer")
    assert (found["cells"], found["share"], found["complete"]) == (3, 0.375, 2)


def test_without_gaps_there_is_nothing_to_treat():
    profile = dsml.profile({"a": [1, 2, 3]})
    assert answer(profile, "missing").answer.code == "question.missing_none"
    assert answer(profile, "treatment").answer.code == "question.treatment_none"


@pytest.mark.parametrize(
    ("column", "treated"),
    [
        ("height", "treatment_median"),
        ("weight", "treatment_median_indicator"),
        ("grade", "treatment_category"),
        ("colour", "treatment_frequent"),
        ("flag", "treatment_frequent_indicator"),
        ("note", "treatment_empty"),
        ("left", "treatment_keep_indicator"),
        ("when", "treatment_rows"),
        ("empty", "treatment_drop"),
        ("only", "treatment_presence"),
        ("price", "treatment_convert"),
        ("nested", "treatment_keep"),
    ],
)
def test_gaps_are_treated_as_their_column_and_number_ask(column, treated):
    profile = dsml.profile({column: mixed()[column], "other": NOISE.tolist()})
    assert [each["column"] for each in values(profile, "treatment", treated)] == [column]


RELATED = {
    "treatment_median_related": NOISE.tolist(),
    "treatment_frequent_related": choice([True, False], seed=3),
    "treatment_category_related": choice(["a", "b"], seed=3),
    "treatment_keep_related": np.random.default_rng(3).permutation(DAYS).tolist(),
    "treatment_empty_related": [f"a few words about case {n}" for n in range(ROWS)],
    "treatment_presence_related": ["x"] * ROWS,
    "treatment_convert_related": [f"{n % 40},5" for n in range(ROWS)],
}


@pytest.mark.parametrize(("treated", "column"), RELATED.items(), ids=RELATED)
def test_gaps_that_go_with_the_target_are_told_from_values(treated, column):
    y = choice([0, 1], seed=2)
    x = [None if goal and n % 2 else value for n, (goal, value) in enumerate(zip(y, column, strict=True))]
    profile = dsml.profile({"x": x, "y": y}, target="y")
    (found,) = values(profile, "treatment", treated)
    assert found["strength"] > 0.4


@pytest.mark.parametrize(
    ("share", "treated"), [(0.02, "treatment_interpolate"), (0.2, "treatment_interpolate_indicator")]
)
def test_a_series_in_time_is_interpolated(share, treated):
    profile = dsml.profile({"t": DAYS, "x": gaps(NOISE, share)})
    assert values(profile, "treatment", treated)


def test_gaps_of_a_series_that_go_with_the_target_get_an_indicator():
    y = choice([0, 1], seed=2)
    x = [None if goal and n % 2 else value for n, (goal, value) in enumerate(zip(y, NOISE, strict=True))]
    profile = dsml.profile({"t": DAYS, "x": x, "y": y}, target="y")
    assert values(profile, "treatment", "treatment_interpolate_related")


def test_moments_without_a_step_have_their_ends():
    moments = [dt.datetime(2024, 1, 1) + dt.timedelta(minutes=n * n) for n in range(ROWS)]
    profile = dsml.profile({"t": np.random.default_rng(0).permutation(moments)})
    assert values(profile, "distribution", "distribution_times")[0]["min"] == "2024-01-01 00:00:00"


def test_outliers_are_told_from_tails_and_wide_distributions():
    profile = dsml.profile(
        {
            "errors": [*NOISE[:-3], 70.0, 80.0, -90.0],
            "tail": np.exp(NOISE),
            "log": np.exp(2 * NOISE),
            "peak": [*NOISE[:800], *(NOISE[:200] * 50)],
            "infinite": [*NOISE[:-1], np.inf],
        }
    )
    assert [each["column"] for each in values(profile, "outliers", "outliers_single")] == ["errors"]
    assert {each["column"] for each in values(profile, "outliers", "outliers_infinite")} == {"infinite"}
    assert [each["column"] for each in values(profile, "outliers", "outliers_tail")] == ["tail"]
    assert {each["column"] for each in values(profile, "outliers", "outliers_wide")} == {"log", "peak"}


@pytest.mark.parametrize(
    ("columns", "code"), [({"x": NOISE}, "outliers_none"), ({"x": ["a", "b"] * 9}, "outliers_no_numbers")]
)
def test_no_outliers_are_said_to_be_none(columns, code):
    assert answer(dsml.profile(columns), "outliers").answer.code == f"question.{code}"


def test_relations_name_the_strongest_pair(report):
    assert values(report, "relations", "relations_answer_target")[0]["column"] == "copy"
    profile = dsml.profile({"a": NOISE, "b": NOISE * 2 + rng.normal(size=ROWS), "c": rng.normal(size=ROWS)})
    (found,) = values(profile, "relations", "relations_answer")
    assert (found["column"], found["other"]) == ("a", "b")


def test_without_relations_this_is_said():
    profile = dsml.profile({"a": NOISE, "c": rng.normal(size=ROWS)})
    assert answer(profile, "relations").answer.code == "question.relations_none"


def test_a_target_that_nothing_goes_with_is_said_to_be_one():
    table = {"a": NOISE, "b": NOISE * 2 + rng.normal(size=ROWS), "y": choice(["n", "m"], seed=77)}
    found = answer(dsml.profile(table, target="y"), "relations").answer
    assert found.code == "question.relations_answer_no_target"


@pytest.mark.parametrize(
    ("role", "columns"),
    [
        ("leak", ("copy",)),
        ("personal", ("mail",)),
        ("key", ("id",)),
        ("useless", ("one",)),
        ("gappy", ("empty",)),
        ("presence", ("only",)),
        ("convert", ("price", "born")),
        ("parts", ("left", "when")),
        ("words", ("note",)),
        ("unpack", ("parts", "nested")),
        ("encode", ("city",)),
        ("inflated", ("gain",)),
        ("straighten", ("income",)),
    ],
)
def test_inputs_are_sorted_by_what_they_need(report, role, columns):
    assert [each["columns"] for each in values(report, "inputs", f"inputs_{role}")] == [columns]


@pytest.mark.parametrize(
    ("column", "advice", "clipped"),
    [
        ([*NOISE[:980], *[-70.0, 80.0] * 10], "outliers_single", True),
        ([*NOISE[:800], *(NOISE[:200] * 50)], "outliers_wide", False),
        (np.exp(NOISE).tolist(), "outliers_tail", False),
        ([*[40] * 600, *range(-160, 240)], "outliers_flat", False),
    ],
)
def test_only_values_that_may_be_errors_are_clipped(column, advice, clipped):
    profile = dsml.profile({"x": column})
    assert [each["column"] for each in values(profile, "outliers", advice)] == ["x"]
    lines = [insight.pandas for insight in profile.insights if insight.code in ("outliers", "deviants")]
    assert any(lines) is clipped


def test_the_code_for_zeros_does_what_is_advised(report):
    (insight,) = (each for each in report.insights if each.code == "zeros")
    assert "log1p" in insight.pandas
    assert "gain_zero" in insight.pandas
    assert "Add a flag for 0, and take the logarithm" in " ".join(said(report, "inputs"))


def test_of_twins_one_is_left_out(report):
    twins = {name for each in values(report, "inputs", "inputs_twin") for name in each["columns"]}
    assert len(twins & {"twin", "original"}) == 1


def test_inputs_are_counted(report):
    (found,) = values(report, "inputs", "inputs_answer")
    assert found["columns"] == 26 == found["ready"] + found["engineer"] + found["out"]


def table(rows, features, p=(0.5, 0.5)):
    random = np.random.default_rng(5)
    x = random.normal(size=(rows, features))
    return {**{f"x{n}": x[:, n] for n in range(features)}, "y": random.choice(["a", "b"], rows, p=p)}


@pytest.mark.parametrize(
    ("rows", "features", "verdict"), [(2000, 5, "yes"), (300, 10, "scarce"), (100, 20, "no")]
)
def test_enough_holds_the_rarest_class_against_the_features(rows, features, verdict):
    profile = dsml.profile(table(rows, features), target="y")
    found = answer(profile, "enough").answer
    assert found.code == f"question.enough_{verdict}"
    assert found.values["counted"] == profile.columns["y"].top[-1][1]
    assert found.values["features"] == features


def test_categories_are_features_each():
    profile = dsml.profile({"a": choice([*"abcde"]), "b": NOISE, "y": choice([0, 1], seed=4)}, target="y")
    assert answer(profile, "enough").answer.values["features"] == 5


def test_of_a_quantity_all_rows_count():
    profile = dsml.profile({"a": NOISE, "y": rng.normal(size=ROWS)}, target="y")
    assert values(profile, "enough", "enough_rows")[0]["rows"] == ROWS
    assert values(profile, "enough", "enough_test_values")[0]["margin"] == pytest.approx(1.96 / 200**0.5)


@pytest.mark.parametrize(
    ("rows", "p", "model"),
    [
        (3200, (0.5, 0.5), "boosting"),
        (3200, (0.95, 0.05), "linear_class"),
        (2900, (0.5, 0.5), "linear"),
    ],
)
def test_the_kind_of_model_depends_on_the_rows(rows, p, model):
    profile = dsml.profile(table(rows, 30, p), target="y")
    (found,) = values(profile, "enough", f"enough_{model}")
    assert (found["limit"], found["least"]) == (3000, 400)


def test_a_test_set_tells_so_much():
    profile = dsml.profile(table(2000, 5), target="y")
    assert values(profile, "enough", "enough_test_classes")[0]["margin"] == pytest.approx(0.049)


def test_without_features_it_cannot_be_said():
    assert answer(dsml.profile({"a": [1, 1, 1]}), "enough").answer.code == "question.enough_no_features"


def test_rows_of_a_series_are_not_independent():
    assert values(dsml.profile({"t": DAYS, "x": NOISE}), "enough", "enough_series")


def test_more_rows_of_the_rarest_class_are_asked_for():
    profile = dsml.profile(table(400, 10, p=(0.98, 0.02)), target="y")
    (found,) = values(profile, "enlarge", "enlarge_needed_class")
    rarest = profile.columns["y"].top[-1][1]
    assert (found["value"], found["needed"]) == ("b", 100 - rarest)
    assert values(profile, "enlarge", "enlarge_weights")[0]["share"] == rarest / 400


def test_enlarging_fits_the_table(report):
    codes = {each.code.removeprefix("question.") for each in answer(report, "enlarge").evidence}
    assert codes == {
        *("enlarge_weights", "enlarge_fill", "enlarge_merge", "enlarge_texts", "enlarge_period"),
        *("enlarge_days", "enlarge_places", "enlarge_curve"),
    }


def test_rows_without_the_target_can_be_used():
    profile = dsml.profile({"x": NOISE, "y": gaps(choice([0, 1]), 0.3)}, target="y")
    assert values(profile, "enlarge", "enlarge_unlabelled")


def test_bias_compares_groups_by_the_four_fifths_rule():
    sex = ["f", "m"] * 500
    y = ["yes" if n % 10 < (2 if s == "f" else 6) else "no" for n, s in enumerate(sex)]
    profile = dsml.profile({"sex": sex, "y": y}, target="y")
    (found,) = values(profile, "bias", "bias_found")
    low, high = (sum(v == "yes" for v, s in zip(y, sex, strict=True) if s == g) / 500 for g in "fm")
    assert (found["low"], found["high"]) == ("f", "m")
    assert found["ratio"] == pytest.approx(low / high)


def test_equal_groups_are_not_said_to_be_biased():
    profile = dsml.profile({"sex": ["f", "m"] * 500, "y": [0, 0, 1, 1] * 250}, target="y")
    assert answer(profile, "bias").answer.code == "question.bias_not_found"


def test_what_may_be_chance_is_not_called_bias():
    sex = ["f", "m"] * 40
    y = ["yes" if n in (0, 2, 1, 3, 5) else "no" for n in range(80)]
    profile = dsml.profile({"sex": sex, "y": y}, target="y")
    assert answer(profile, "bias").answer.code == "question.bias_chance"


def test_means_of_few_rows_differ_by_chance():
    y = np.exp(2 * NOISE[:80])
    y[1::2] *= 3
    profile = dsml.profile({"sex": ["f", "m"] * 40, "y": y}, target="y")
    assert answer(profile, "bias").answer.code == "question.bias_chance_mean"


@pytest.mark.parametrize(("shift", "code"), [(0.0, "bias_not_found_mean"), (30.0, "bias_found_mean")])
def test_means_are_compared_too(shift, code):
    sex = ["f", "m"] * 500
    y = [50 + noise + shift * (s == "m") for noise, s in zip(NOISE, sex, strict=True)]
    profile = dsml.profile({"sex": sex, "y": y}, target="y")
    assert answer(profile, "bias").answer.code == f"question.{code}"


def test_without_groups_bias_cannot_be_said():
    assert answer(dsml.profile({"x": NOISE}), "bias").answer.code == "question.bias_none"


def test_without_a_target_the_sizes_of_groups_are_told():
    profile = dsml.profile({"team": ["a"] * 90 + ["b"] * 10}, groups=["team"])
    (found,) = values(profile, "bias", "bias_sizes")
    assert (found["label"], found["rows"], found["share"]) == ("b", 10, 0.1)
    assert values(profile, "bias", "bias_small")[0]["labels"] == ("b",)


def test_a_target_below_zero_has_no_ratio():
    columns = {"y": Column("y", "numeric", "double", 200, 0, 200)}
    groups = (Group("sex", "f", 100, 0.5, -1.0), Group("sex", "m", 100, 0.5, 1.0))
    figures = Figures(rows=200, columns=columns, target=Target("y", ()), groups=groups)
    assert questions(figures, Settings())[-1].answer.code == "question.bias_not_comparable"


def test_gaps_that_differ_between_groups_are_told():
    sex = ["f", "m"] * 500
    x = [None if s == "f" and n % 4 else v for n, (v, s) in enumerate(zip(NOISE, sex, strict=True))]
    assert values(dsml.profile({"sex": sex, "x": x}), "bias", "bias_gaps")[0]["high"] == "f"


def test_an_empty_value_set_breaks_nothing():
    for columns in ({"a": [None, None]}, {"a": [[1]]}, {"a": [b"x"]}, {"a": [""]}, {"": [1]}):
        assert len(dsml.profile(columns).questions) == 9


def test_every_sentence_of_the_catalog_belongs_to_a_question():
    keys = [key for key in catalog("question", "en") if key not in (*ANSWERS, "bound", "more")]
    assert [key for key in keys if not key.startswith(tuple(f"{code}_" for code in ANSWERS))] == []


def test_names_and_values_of_the_data_are_only_ever_values():
    hostile = "{0.__class__} {column}"
    profile = dsml.profile({hostile: [hostile, "b", "b"] * 20, "y": [0, 1, 1] * 20}, target="y")
    for each in profile.questions:
        assert all(said(profile, each.code))
        for statement in (each.answer, *each.evidence):
            template = catalog("question", "en")[statement.code.removeprefix("question.")]
            assert {name for _, name, _, _ in string.Formatter().parse(template) if name} <= set(
                statement.values
            )
