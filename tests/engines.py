"""Real local engines, small and without a network, for the tests that need one."""

import os
import re
import secrets
import shutil
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from typing import Any

import pyarrow as pa
import pytest

_sessions: dict[str, tuple[Any, ExitStack]] = {}


def engine_of(nodeid):
    """Name the engine that a test is for, by its file or parameter; None if it is for none."""
    found = re.search(r"\[(spark|dask|ray)\b|/test_(spark|dask|ray)\b", nodeid)
    return found and (found[1] or found[2])


def pytest_runtest_teardown(nextitem):
    """End what the next test is not for: an engine's processes work even while nobody asks.

    Only one of several processes has the tests of an engine one after another.
    """
    if nextitem is None or "PYTEST_XDIST_WORKER" in os.environ:
        kept = nextitem and engine_of(nextitem.nodeid)
        for name in [name for name in _sessions if name != kept]:
            _sessions.pop(name)[1].close()


def _session(name, start):
    """Give what an engine started, for all tests of it that follow each other."""
    if name not in _sessions:
        stack = ExitStack()
        _sessions[name] = stack.enter_context(start()), stack
    return _sessions[name][0]


@pytest.fixture
def spark():
    """A Spark session of two threads."""
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, which is not here")
    return _session("spark", _spark)


@contextmanager
def _spark():
    from pyspark.sql import SparkSession

    with tempfile.TemporaryDirectory(prefix="spark-") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("SPARK_LOCAL_DIRS", folder)
        settings = {
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.memory": "1g",
            "spark.sql.session.timeZone": "Asia/Seoul",
            "spark.sql.shuffle.partitions": "4",
            "spark.sql.timestampType": "TIMESTAMP_NTZ",
            "spark.sql.warehouse.dir": f"{folder}/warehouse",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
        }
        builder = SparkSession.builder.master("local[2]").config(map=settings)
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("OFF")
        yield session
        session.stop()


@pytest.fixture
def ray_data():
    """The module `ray.data` on a cluster of two processes."""
    return _session("ray", _ray)


@contextmanager
def _ray():
    import ray
    import ray.data

    # A short name: sockets lie in there, whose paths may have 107 bytes.
    folder = tempfile.mkdtemp(prefix="ray-")
    with pytest.MonkeyPatch.context() as patch:
        # Ray would otherwise keep a token for its ports in the user's home.
        patch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        _start_ray(ray, folder)
        ray.data.DataContext.get_current().enable_progress_bars = False
        yield ray.data
        ray.shutdown()
    shutil.rmtree(folder, ignore_errors=True)


def _start_ray(ray, folder, tries=4):
    """Start a cluster; Ray gives its processes 30 seconds, which a busy machine may exceed while it compiles modules."""
    for left in reversed(range(tries)):
        try:
            return ray.init(
                num_cpus=2,
                include_dashboard=False,
                object_store_memory=100 << 20,
                log_to_driver=False,
                logging_level="ERROR",
                _temp_dir=folder,
            )
        except Exception:
            ray.shutdown()
            if not left:
                raise


@pytest.fixture
def dask_client():
    """A local cluster of two processes."""
    return _session("dask", _dask)


@contextmanager
def _dask():
    import dask
    from distributed import Client

    settings = dict(n_workers=2, threads_per_worker=1, dashboard_address=None, memory_limit="1GB")
    with (
        tempfile.TemporaryDirectory(prefix="dask-") as folder,
        dask.config.set({"temporary-directory": folder}),
        Client(**settings) as client,
    ):
        yield client


@pytest.fixture(params=["spark", "dask", "ray"])
def spread(request):
    """A function that spreads a frame of pandas over so many parts, by each engine."""
    if request.param == "spark":
        session = request.getfixturevalue("spark")
        return lambda frame, parts: session.createDataFrame(pa.Table.from_pandas(frame)).repartition(
            parts, "row"
        )
    if request.param == "dask":
        from dask import dataframe

        return lambda frame, parts: dataframe.from_pandas(frame, npartitions=parts)
    data = request.getfixturevalue("ray_data")
    return lambda frame, parts: data.from_pandas(frame).repartition(parts)
