"""What MLflow answers a page at a time."""

import mlflow

from dsml_magics.ledger.pages import all_pages
from dsml_magics.ledger.registry import _sweep, model_of, registered_names
from dsml_magics.ledger.store import open_ledger


def test_a_name_beyond_the_first_page_is_found(workdir):
    ledger = open_ledger()
    names = [f"m{number:03}" for number in range(103)]
    for name in names:
        ledger.client.create_registered_model(name)
    assert registered_names(ledger) == names
    assert model_of(ledger, names[-1])[0].name == names[-1]


def test_a_killed_deploy_of_a_tracked_model_is_swept(workdir):
    import socket

    ledger = open_ledger()
    experiment = ledger.client.create_experiment("income")
    maker = f"{socket.gethostname()} {2**22 + 1} 1"
    left = ledger.client.create_logged_model(experiment, name="m", tags={"dsml.deploying": maker})
    other = ledger.client.create_logged_model(experiment, name="n", tags={"dsml.deploying": maker})
    _sweep(ledger.client, "m")
    kept = [model.model_id for model in all_pages(ledger.client.search_logged_models, [experiment])]
    assert kept == [other.model_id]
    assert left.model_id not in kept


def test_pages_are_joined(workdir):
    client = mlflow.MlflowClient(open_ledger().uri)
    for number in range(5):
        client.create_experiment(f"e{number}")
    found = all_pages(client.search_experiments, max_results=2, order_by=["name ASC"])
    assert [each.name for each in found] == ["Default", *(f"e{number}" for number in range(5))]
