"""Two processes draw the same numbers, in whatever order they load what draws them."""

import subprocess
import sys

import pytest

SEED = "from dsml_magics.pipeline.proof.seeding import seed_process; seed_process()\n"


def drawn(source, folder):
    command = [sys.executable, "-c", source]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder).stdout


@pytest.mark.parametrize(
    "draw",
    [
        "import random; print(random.random())",
        "import random; random.seed(); print(random.random())",
        "import random; print(random.Random().random())",
        "import numpy; print(numpy.random.rand())",
        "import numpy; numpy.random.seed(); print(numpy.random.rand())",
        "import numpy; print(numpy.random.RandomState().rand())",
        "import numpy; print(numpy.random.default_rng().random())",
        "from numpy.random import default_rng; print(default_rng().random())",
    ],
)
def test_draws_are_the_same_in_two_processes(draw, tmp_path):
    first, again = (drawn(SEED + draw, tmp_path) for _ in range(2))
    assert first == again


@pytest.mark.parametrize("make", ["random.Random()", "numpy.random.default_rng()"])
def test_two_generators_of_a_process_are_two(make, tmp_path):
    source = f"{SEED}import random, numpy\nprint({make}.random() != {make}.random())"
    assert drawn(source, tmp_path) == "True\n"


def test_generators_made_by_others_do_not_shift_those_of_the_notebook(tmp_path):
    (tmp_path / "other.py").write_text("import random\nrandom.Random()")
    draw = "import random; print(random.Random().random())"
    assert drawn(SEED + draw, tmp_path) == drawn(f"{SEED}import other\n{draw}", tmp_path)


def test_a_seed_that_is_given_counts(tmp_path):
    draw = "import random, numpy; print(random.Random(3).random(), numpy.random.default_rng(3).random())"
    assert drawn(SEED + draw, tmp_path) == drawn(draw, tmp_path)


@pytest.mark.parametrize("source", [f"import torch\n{SEED}", f"{SEED}import torch\n"])
def test_a_library_is_seeded_whether_it_is_loaded_or_not(source, tmp_path):
    (tmp_path / "torch.py").write_text("def manual_seed(seed): print('seeded', seed)")
    assert drawn(source, tmp_path) == "seeded 0\n"


def test_no_library_is_loaded_to_be_seeded(tmp_path):
    assert drawn(f"{SEED}import sys; print({{'numpy', 'torch'}} & sys.modules.keys())", tmp_path) == "set()\n"
