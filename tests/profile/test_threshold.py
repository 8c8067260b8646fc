"""Limits of insights are moved, and insights silenced, by their names."""

import pandas as pd
import pytest

import dsml_magics as dsml
from dsml_magics.errors import UsageError
from dsml_magics.profile.figures import Figures
from dsml_magics.profile.insight import insights
from dsml_magics.profile.settings import Settings
from dsml_magics.profile.threshold import DEFAULTS


def test_the_command_silences_what_is_named_and_nothing_else():
    frame = pd.DataFrame({"empty": [None] * 50, "same": [1] * 50})
    told = {insight.code for insight in dsml.profile(frame).insights}
    assert {"all_missing", "constant"} <= told
    assert {insight.code for insight in dsml.profile(frame, silence=["constant"]).insights} == told - {
        "constant"
    }


def test_a_limit_is_moved():
    zeros = {"x": [0] * 120 + list(range(1, 281))}
    assert "zeros" not in [i.code for i in dsml.profile(zeros).insights]
    assert "zeros" in [i.code for i in dsml.profile(zeros, thresholds=["zeros=0.3"]).insights]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (Settings(thresholds={"skewd": 3.0}), "No threshold 'skewd'. Did you mean 'skewed'?"),
        (Settings(silenced=frozenset({"constnt"})), "No insight 'constnt'. Did you mean 'constant'?"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(settings, message):
    with pytest.raises(UsageError) as error:
        insights(Figures(), settings)
    assert str(error.value) == message


def test_every_limit_is_explained():
    from pathlib import Path

    from dsml_magics.profile import threshold

    said = Path(threshold.__file__).read_text().partition("gives no other.")[2].partition('"""')[0]
    assert {name for name in DEFAULTS if name not in said} == set()
