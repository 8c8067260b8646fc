"""What a distribution needs."""

from dsml_magics.installed import required_by


def test_what_is_needed_indirectly_is_named_and_extras_are_not():
    needed = required_by("dsml-magics")
    assert {"mlflow", "mlflow-skinny", "pydantic-core"} <= needed
    assert not {"pyspark", "dask", "ray", "pytest"} & needed


def test_what_is_not_installed_needs_nothing():
    assert required_by("no-such-distribution") == frozenset()
