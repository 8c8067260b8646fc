"""Strong pairs of a wide table, wherever its columns stand, and what is said of those left out."""

import json

import numpy as np
import pandas as pd
import pytest
from parsed import Parsed
from summaries import read, read_sampled

import dsml_magics as dsml
from dsml_magics.profile.association import PAIRED, pairs
from dsml_magics.profile.caption import DETAILED
from dsml_magics.profile.settings import Settings

pytestmark = pytest.mark.slow

WIDTH, ROWS = 551, 1500


@pytest.fixture(scope="module")
def wide():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(ROWS, WIDTH)), columns=[f"c{n}" for n in range(WIDTH)])
    copies = {
        "c400": 2 * table["c300"] - 3,
        "c410": -np.exp(table["c310"]),
        "c501": (table["c450"] + 0.3 * rng.normal(size=ROWS) > 0).astype(int),
        "c420": rng.choice(list("abcdefgh"), ROWS),
        "c5": table["c500"].where(rng.random(ROWS) < 0.6),
    }
    return table.assign(**copies).assign(
        c430=lambda t: t["c420"].map(str.upper), c440=lambda t: t["c420"] < "c"
    )


PLANTED = {
    frozenset(pair)
    for pair in (
        ("c300", "c400"),
        ("c310", "c410"),
        ("c450", "c501"),
        ("c420", "c430"),
        ("c420", "c440"),
        ("c5", "c500"),
    )
}


@pytest.mark.parametrize("reading", [read, read_sampled])
def test_strong_pairs_are_found_among_all_columns(wide, reading):
    found = pairs(*reading(wide), settings=Settings(target="c501"))
    strong = {frozenset((each.column, each.other)) for each in found.associations if each.strength > 0.5}
    assert strong >= PLANTED
    assert found.left_out == WIDTH - PAIRED


def test_a_narrow_table_leaves_nothing_out(wide):
    found = dsml.profile(wide.iloc[:, :PAIRED])
    assert found.figures.unpaired == 0
    assert "not paired" not in str(found)


def test_what_is_left_out_is_said_in_every_view(wide):
    found = dsml.profile(wide, target="c501")
    said = "451 columns were not paired with every other one"
    assert said in " ".join(str(found).split())
    assert said in " ".join(Parsed(found.to_html()).text.split())
    assert "열 451개는 다른 모든 열과 짝짓지 않았습니다" in " ".join(found.to_html(lang="ko").split())
    assert json.loads(found.to_json())["unpaired"] == 451


def test_details_show_the_target_and_what_something_is_said_of(wide):
    found = dsml.profile(wide, target="c501")
    page = found.to_html()
    assert page.count('<details class="column"') == DETAILED
    for name in ("c501", "c300", "c400", "c420", "c0"):
        assert f"<summary><b>{name}</b>" in page
    assert "c501" in {line.split()[0] for line in str(found).splitlines() if line.strip()}
