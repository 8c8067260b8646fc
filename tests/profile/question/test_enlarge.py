"""What more data there should be, and how the table can be enlarged."""

from asked import NOISE, answer, choice, gaps, table, values

import dsml_magics as dsml


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
