"""A package says which versions it was made with, and those that differ here are told."""

import numpy as np
import pytest

from dsml_magics.package.pins import mismatched


def test_versions_that_differ_or_are_missing_are_told(tmp_path):
    pins = [
        f"numpy=={np.__version__}",
        "pandas==1.0",
        "no-such-package[x]==2.0 ; python_version > '3'",
        "# a",
        "joblib>=1",
    ]
    (tmp_path / "requirements.txt").write_text("\n".join(pins))
    import pandas as pd

    assert mismatched(tmp_path) == [
        f"pandas 1.0 (here {pd.__version__})",
        "no-such-package 2.0 (here missing)",
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("pandas[a,b]==1.0", "pandas 1.0"),
        ("  pandas==1.0;x", "pandas 1.0"),
        ("pandas==1.0+cpu", "pandas 1.0+cpu"),
        ("no.such-one==2", "no.such-one 2"),
    ],
)
def test_a_pin_is_read_however_it_is_written(tmp_path, line, expected):
    (tmp_path / "requirements.txt").write_text(f"{line}\n", encoding="utf-8")
    (told,) = mismatched(tmp_path)
    assert told.startswith(f"{expected} (here ")


def test_a_local_version_is_the_same(tmp_path):
    (tmp_path / "requirements.txt").write_text(f"numpy=={np.__version__}+cpu")
    assert mismatched(tmp_path) == []


def test_a_package_without_pins_tells_nothing(tmp_path):
    assert mismatched(tmp_path) == []


def test_a_local_version_here_is_the_same(tmp_path, monkeypatch):
    made = tmp_path / "torch_like-2.4+cpu.dist-info"
    made.mkdir()
    (made / "METADATA").write_text("Metadata-Version: 2.1\nName: torch-like\nVersion: 2.4+cpu\n")
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "requirements.txt").write_text("torch-like==2.4")
    assert mismatched(tmp_path) == []
    (tmp_path / "requirements.txt").write_text("torch-like==2.5+cpu")
    assert mismatched(tmp_path) == ["torch-like 2.5+cpu (here 2.4+cpu)"]


@pytest.mark.usefixtures("locale_of_ascii")
def test_pins_are_read_as_utf_8_in_any_locale(tmp_path):
    (tmp_path / "requirements.txt").write_text("# 한\nno-such==1", encoding="utf-8")
    assert mismatched(tmp_path) == ["no-such 1 (here missing)"]
