"""Run source as a notebook's tracked cell does."""

import mlflow

import dsml_magics as dsml
from dsml_magics.command.block import Block, given
from dsml_magics.ledger.place import address


def tracked(source, names, name="baseline", **options):
    """Run the source in the namespace; return the `Tracking`."""
    with given(Block(source, lambda: names, "nb.ipynb")):
        tracking = dsml.track(name, **options)
    with tracking:
        exec(source, names)
    return tracking


def run_cell(source, names, name="baseline", **options):
    """Run the source in the namespace; return the run as MLflow has it."""
    return mlflow.get_run(tracked(source, names, name, **options).id)


def artifact(run, path):
    return mlflow.artifacts.load_text(f"{run.info.artifact_uri}/{path}")


def metrics(run):
    """The metrics of the block's own."""
    return {name: value for name, value in run.data.metrics.items() if not name.startswith("dsml.")}


def runs():
    """Return the runs of the ledger by name."""
    mlflow.set_tracking_uri(address())
    return {
        run.info.run_name: run
        for run in mlflow.search_runs(search_all_experiments=True, output_format="list")
    }
