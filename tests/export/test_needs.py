"""What a script needs elsewhere: pinned packages, and the user's own modules."""

from importlib import metadata

import pytest

from dsml_magics.errors import NotebookError
from dsml_magics.export.needs import modules_beside, packages_of, requirements_of
from dsml_magics.version import __version__

OURS = f"dsml-magics=={__version__}"


@pytest.fixture
def folder(tmp_path):
    files = {
        "helpers.py": "import numpy\nimport deeper\nimport helpers\n",
        "deeper.py": "x = '한'\n",
        "parts/__init__.py": "from parts import one\n",
        "parts/one.py": "import scipy.stats\n",
        "parts/below/two.py": "import deeper\n",
        "parts/notes.txt": "no module",
        "bare/one.py": "a folder without __init__.py is no package",
        "unused.py": "this is not Python",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_modules_beside_a_script_come_with_those_that_they_import(folder):
    assert modules_beside(["helpers", "pandas"], folder) == {
        "helpers.py": "import numpy\nimport deeper\nimport helpers\n",
        "deeper.py": "x = '한'\n",
    }
    assert list(modules_beside(["parts"], folder)) == [
        "parts/__init__.py",
        "parts/below/two.py",
        "parts/one.py",
        "deeper.py",
    ]
    assert modules_beside(["bare", "numpy"], folder) == {}


def test_a_module_before_a_package_of_the_same_name(folder):
    (folder / "parts.py").write_text("")
    assert modules_beside(["parts"], folder) == {"parts.py": ""}


@pytest.mark.parametrize("content", [b"def", b"\xff", b"a = '\x00'"])
def test_a_module_that_is_no_python_is_named(folder, content):
    (folder / "broken.py").write_bytes(content)
    with pytest.raises(NotebookError, match=r"Expected a Python module at .*broken\.py', but: .+"):
        modules_beside(["broken"], folder)


def test_packages_are_what_is_imported_from_elsewhere(folder):
    modules = modules_beside(["helpers", "parts"], folder)
    assert packages_of(["helpers", "parts", "pandas"], modules) == {"pandas", "numpy", "scipy"}
    assert packages_of(["os"], {}) == {"os"}


def version(name):
    return metadata.version(name).partition("+")[0]


def test_packages_are_pinned_as_installed_in_the_order_of_their_names():
    # A module may have another name than its package; the standard library needs none.
    found = requirements_of(["sklearn", "numpy", "os", "dsml_magics", "yaml"], [], None)
    assert found == (
        OURS,
        f"numpy=={version('numpy')}",
        f"PyYAML=={version('PyYAML')}",
        f"scikit-learn=={version('scikit-learn')}",
    )


def test_unknown_modules_stay_without_a_version():
    assert requirements_of(["no_such_module"], [], None) == (OURS, "no_such_module")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("no-such.Module>=2; python_version > '3'", "no_such_module"),
        ("another[x]==3", "another[x]==3"),
        ("  padded ~= 1.0", "  padded ~= 1.0"),
        ("Dsml_Magics==0", OURS),
    ],
)
def test_what_the_notebook_installs_is_added_once(asked, expected):
    found = requirements_of(["no_such_module"], [asked, asked], None)
    assert sorted(found) == sorted({OURS, "no_such_module", expected})


@pytest.mark.parametrize(
    ("state", "store"),
    [
        ("s3://b/state", "s3fs"),
        ("s3a://b", "s3fs"),
        ("gs://b/c", "gcsfs"),
        ("gcs://b", "gcsfs"),
        ("abfs://b", "adlfs"),
        ("abfss://b", "adlfs"),
        ("az://b", "adlfs"),
        ("file:///b", None),
        ("s3", "s3fs"),
        ("/tmp/s3://b", None),
        (None, None),
    ],
)
def test_a_state_in_a_store_needs_its_package(state, store):
    names = [requirement.partition("==")[0] for requirement in requirements_of([], [], state)]
    assert names == sorted(["dsml-magics", *filter(None, [store])])


def test_what_no_index_has_is_left_out_of_a_version(tmp_path, monkeypatch):
    made = tmp_path / "s3fs-2.4+cpu.dist-info"
    made.mkdir()
    (made / "METADATA").write_text("Metadata-Version: 2.1\nName: s3fs\nVersion: 2.4+cpu\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert requirements_of([], [], "s3://b/state") == (OURS, "s3fs==2.4")


@pytest.mark.usefixtures("locale_of_ascii")
def test_modules_are_read_as_utf_8_in_any_locale(folder):
    assert modules_beside(["deeper"], folder) == {"deeper.py": "x = '한'\n"}
