"""The wheel that a container installs, and the versions beside it."""

import subprocess
import sys
import zipfile
from importlib import metadata
from io import BytesIO

import pytest

from dsml_magics.deploy.server_files import installed_versions, write_server
from dsml_magics.deploy.wheel import build_wheel, wheel_name

pytestmark = pytest.mark.slow


def test_the_wheel_installs_and_holds_the_command(tmp_path):
    (tmp_path / wheel_name()).write_bytes(build_wheel())
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile"]
    subprocess.run([*pip, "--target", tmp_path / "site", tmp_path / wheel_name()], check=True)
    assert (tmp_path / "site/bin/dsml").is_file()
    assert (tmp_path / "site/dsml_magics/deploy/templates/Dockerfile.jinja").is_file()
    (info,) = (tmp_path / "site").glob("*.dist-info")
    assert metadata.Distribution.at(info).version == metadata.version("dsml-magics")


def test_equal_files_give_an_equal_wheel():
    first = build_wheel()
    build_wheel.cache_clear()
    assert build_wheel() == first
    names = zipfile.ZipFile(BytesIO(first)).namelist()
    assert not [name for name in names if "__pycache__" in name or "/labextension/" in name]
    assert len(first) < 1_500_000


def test_all_that_the_server_needs_is_pinned_and_what_the_model_pins_is_left_to_it(tmp_path):
    write_server(tmp_path / "server", ["scikit-learn==1.2.3", "pandas==2.0"])
    lines = (tmp_path / "server/constraints.txt").read_text().splitlines()
    names = [line.partition("==")[0] for line in lines]
    assert {"uvicorn", "mlflow", "sqlalchemy", "scipy"} <= set(names)
    assert not {"scikit-learn", "pandas", "dsml-magics"} & set(names)
    assert f"uvicorn=={metadata.version('uvicorn')}" in lines


def test_what_is_not_installed_is_left_out():
    assert installed_versions({"no-such-distribution"}) == []
    assert installed_versions({"Threadpoolctl"}) == [f"threadpoolctl=={metadata.version('threadpoolctl')}"]
