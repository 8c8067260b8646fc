"""Recording never changes what a block does, and one broken object or output never costs the rest of its run."""

import json
import threading

import matplotlib as mpl

mpl.use("Agg")
import pytest
from cells import tracked
from matplotlib import pyplot as plt
from sklearn.linear_model import LogisticRegression

import dsml_magics as dsml
from dsml_magics.ledger.outbox import SENDS
from dsml_magics.ledger.place import address, digest_of
from dsml_magics.ledger.record import SHORT_ID
from dsml_magics.ledger.spool import spool


@pytest.fixture
def kept(workdir, monkeypatch):
    """Runs stay on this machine; the function returns the record of the only one, and its facts, once it is whole."""
    monkeypatch.setenv(SENDS, digest_of(address()))

    def read():
        for thread in [each for each in threading.enumerate() if each.name.startswith("dsml-track")]:
            thread.join()
        (entry,) = spool().entries()
        assert entry.is_whole
        facts = json.loads((entry.artifacts / "dsml" / "cell.json").read_text())
        return entry.record, facts

    return read


HELPERS = """
class BrokenText:
    def __repr__(self):
        raise RuntimeError("no words")
    __str__ = __repr__

class BrokenLength(list):
    def __len__(self):
        raise RuntimeError("no length")

class BrokenAttributes:
    def __getattribute__(self, name):
        raise RuntimeError(name)

class BrokenMeta(type):
    def __getattr__(cls, name):
        raise RuntimeError(name)

class BrokenType(metaclass=BrokenMeta):
    pass

class BrokenEstimator:
    def fit(self, X, y=None):
        self.fitted_ = True
        return self
    def get_params(self, deep=True):
        raise RuntimeError("no parameters")

class BrokenFrame(pd.DataFrame):
    @property
    def columns(self):
        raise RuntimeError("no columns")
"""
ATTACKS = {
    "no text": "x = BrokenText()\n",
    "no length": "x = BrokenLength()\n",
    "no attributes": "x = BrokenAttributes()\n",
    "a type that answers nothing": "x = BrokenType()\n",
    "an estimator without parameters": "x = BrokenEstimator().fit([1])\n",
    "a frame without columns": "x = BrokenFrame({'a': [1]})\ny = x\n",
    "a frame of train without columns": "X_train = BrokenFrame({'a': [1]})\nX_test = X_train\n",
    "a huge output": "print('a' * 5_000_000)\n",
    "a text that is no text": "import sys\nclass T(str):\n    def __len__(self):\n        return -1\n"
    "    def __getitem__(self, at):\n        raise RuntimeError('no part')\nsys.stdout.write(T('words'))\n",
    "deep code": "x = " + "+".join(["1"] * 380) + "\n",
    "nested lists": "x = []\nfor _ in range(2000):\n    x = [x]\n",
    "names that change meanwhile": "import threading\nstop = threading.Event()\n"
    "def work(own=globals()):\n    n = 0\n    while not stop.is_set():\n        n = (n + 1) % 1000\n"
    "        own[f'thread_{n}'] = n\n        own.pop(f'thread_{(n + 500) % 1000}', None)\n"
    "worker = threading.Thread(target=work)\nworker.start()\n",
    "streams that are replaced": "import io, sys\nbefore = sys.stdout\nsys.stdout = io.StringIO()\nprint(1)\nsys.stdout = before\n",
    "a stream without attributes": "import sys\nbefore = sys.stdout\n",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_no_object_costs_the_rest_of_a_run(kept, attack):
    import pandas as pd

    names = {"pd": pd}
    exec(HELPERS, names)
    try:
        tracked(f"rate = 0.5\n{attack}after = sum([0.25, 0.5])\n", names)
    finally:
        if "stop" in names:
            names["stop"].set()
    record, _ = kept()
    assert (record.status, record.parameters["rate"], record.metrics["after"]) == ("FINISHED", "0.5", 0.75)


def test_a_search_with_broken_results_costs_only_these(kept):
    source = (
        "class Search(LogisticRegression):\n    pass\n"
        "search = Search().fit([[0.0], [1.0]], [0, 1])\n"
        "search.best_params_, search.cv_results_ = {'C': 1.0}, {'params': 3, 'mean_test_score': 'ab'}\n"
        "score = sum([0.5])\n"
    )
    tracked(source, {"LogisticRegression": LogisticRegression}, nested=True)
    record, facts = kept()
    assert (record.status, record.metrics["score"]) == ("FINISHED", 0.5)
    assert {each.partition(":")[0] for each in facts["not_recorded"]} == {
        "the scores of search",
        "candidates",
    }


def test_code_that_is_too_deep_to_be_read_is_recorded_without_its_names(kept):
    tracked("rate = 0.5\nx = " + "+".join(["1"] * 900) + "\n", {})
    record, facts = kept()
    assert (record.status, dict(record.parameters)) == ("FINISHED", {})
    assert [each.partition(":")[0] for each in facts["not_recorded"][:1]] == ["parameters and metrics"]


@pytest.mark.parametrize("attack", ["x = BrokenEstimator().fit([1])\n", "x = BrokenFrame({'a': [1]})\n"])
def test_what_was_there_before_costs_nothing_either(kept, attack):
    import pandas as pd

    names = {"pd": pd}
    exec(HELPERS + attack, names)
    tracked("rate = 0.5\ny = x\n", names)
    record, _ = kept()
    assert (record.status, record.parameters["rate"]) == ("FINISHED", "0.5")


def test_a_figure_that_cannot_be_drawn_is_noted_and_the_others_are_kept(kept):
    plt.close("all")
    names = {"plt": plt}
    source = (
        "fig, ax = plt.subplots()\nax.set_title('$\\\\frac{1}{$')\nother = plt.figure()\nscore = sum([0.5])\n"
    )
    tracked(source, names)
    record, facts = kept()
    assert (record.status, record.metrics["score"]) == ("FINISHED", 0.5)
    assert facts["figures"] == ["dsml/figures/1.png"]
    (said,) = [each for each in facts["not_recorded"] if each.startswith("a figure: ")]
    assert "ValueError" in said
    plt.close("all")


def test_a_display_that_is_no_picture_reaches_the_user_and_is_noted(kept, shell):
    from IPython.display import display

    tracked(
        "display({'image/png': 'abc'}, raw=True)\ndisplay({'image/png': 'aGVsbG8='}, raw=True)\ndone = 1\n",
        {"display": display},
    )
    record, facts = kept()
    assert (record.status, record.parameters["done"]) == ("FINISHED", "1")
    assert len(facts["figures"]) == 1
    assert any("something that was shown" in each or "a picture" in each for each in facts["not_recorded"])


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("raise SystemExit", "FINISHED"),
        ("raise SystemExit(0)", "FINISHED"),
        ("raise SystemExit(3)", "FAILED"),
        ("raise KeyboardInterrupt", "FAILED"),
        ("raise GeneratorExit", "FAILED"),
    ],
)
def test_however_a_block_is_left_its_run_ends_and_the_error_comes_out(kept, code, status):
    with pytest.raises((SystemExit, KeyboardInterrupt, GeneratorExit)):
        tracked(f"rate = 0.5\n{code}\n", {})
    record, _ = kept()
    assert (record.status, record.parameters) == (status, {"rate": "0.5"})


def test_a_block_that_fails_says_so_with_its_run(kept, capsys):
    with pytest.raises(ZeroDivisionError), dsml.track("broken") as run:
        1 / 0
    assert capsys.readouterr().err == f"dsml: run 'broken' ({run.key[:SHORT_ID]}) was recorded as failed.\n"
    assert repr(run) == f"<Run 'broken' {run.key[:SHORT_ID]}>"


def test_a_block_that_ends_well_says_nothing(kept, capsys):
    with dsml.track("quiet"):
        model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    assert model.C == 1.0
    kept()
    assert capsys.readouterr() == ("", "")
