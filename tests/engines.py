"""Real local engines, small and without a network, for the tests that need one."""

import secrets
import shutil
import sys
import tempfile

import pyarrow as pa
import pytest


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    """A Spark session of two threads."""
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, which is not here")
    from pyspark.sql import SparkSession

    folder = tmp_path_factory.mktemp("spark")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("SPARK_LOCAL_DIRS", str(folder))
        settings = {
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.memory": "1g",
            "spark.sql.session.timeZone": "Asia/Seoul",
            "spark.sql.shuffle.partitions": "4",
            "spark.sql.timestampType": "TIMESTAMP_NTZ",
            "spark.sql.warehouse.dir": str(folder / "warehouse"),
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
        }
        builder = SparkSession.builder.master("local[2]").config(map=settings)
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("OFF")
        yield session
        session.stop()


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


@pytest.fixture(scope="session")
def ray_data():
    """The module `ray.data` on a cluster of two processes."""
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


@pytest.fixture(scope="session")
def dask_client(tmp_path_factory):
    """A local cluster of two processes."""
    import dask
    from distributed import Client

    folder = str(tmp_path_factory.mktemp("dask"))
    settings = dict(n_workers=2, threads_per_worker=1, dashboard_address=None, memory_limit="1GB")
    with dask.config.set({"temporary-directory": folder}), Client(**settings) as client:
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
