"""Clients of others, unchanged."""

import json
import os
import subprocess

import mlflow
import numpy as np
import pytest
from mlflow.pyfunc.scoring_server.client import ScoringServerClient
from served import X
from tritonclient import http as triton
from tritonclient.utils import InferenceServerException

from tests.export.environments import python_of

pytestmark = pytest.mark.slow

NAMES = list(X.columns)
TYPES = {
    "age": ("INT64", "int64"),
    "job": ("BYTES", "object"),
    "hours": ("FP64", "float64"),
    "member": ("BOOL", "bool"),
}


def port_of(server):
    return int(server.url.rsplit(":", 1)[1])


def test_mlflows_client(server, made):
    client = ScoringServerClient("127.0.0.1", port_of(server))
    client.wait_server_ready()
    assert client.get_version() == mlflow.__version__
    # It writes NaN for what is missing.
    assert X.isna().any(axis=None)
    found = client.invoke(X).get_predictions()
    assert found[0].tolist() == made.models[1].predict(X).tolist()
    with pytest.raises(Exception, match=r"error code 422.*'age'"):
        client.invoke(X.assign(age=-1))


@pytest.mark.parametrize("binary", [True, False], ids=["binary", "json"])
def test_tritons_client(server, made, binary):
    client = triton.InferenceServerClient(f"127.0.0.1:{port_of(server)}")
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("income")
    assert client.is_model_ready("income", "1")
    assert client.get_server_metadata()["extensions"] == ["binary_tensor_data"]
    metadata = client.get_model_metadata("income")
    assert [each["name"] for each in metadata["inputs"]] == NAMES
    rows = X.dropna() if not binary else X
    inputs = []
    for each in metadata["inputs"]:
        datatype, dtype = TYPES[each["name"]]
        assert each["datatype"] == datatype
        inputs.append(triton.InferInput(each["name"], [len(rows)], datatype))
        inputs[-1].set_data_from_numpy(rows[each["name"]].to_numpy(dtype), binary_data=binary)
    outputs = [triton.InferRequestedOutput("predict", binary_data=binary)]
    answered = client.infer("income", inputs, outputs=outputs, request_id="7")
    found = answered.as_numpy("predict")
    found = np.array([each.decode() if isinstance(each, bytes) else each for each in found])
    assert found.tolist() == made.models[1].predict(rows).tolist()
    assert answered.get_response()["id"] == "7"
    inputs[0] = triton.InferInput("age", [len(rows)], "FP64")
    inputs[0].set_data_from_numpy(np.full(len(rows), 30.5), binary_data=binary)
    with pytest.raises(InferenceServerException, match="Expected integer from 0"):
        client.infer("income", inputs)


KSERVE = """
import asyncio, json, sys
from kserve import InferenceRESTClient, InferInput, InferRequest
from kserve.inference_client import RESTConfig

async def main(url, columns):
    client = InferenceRESTClient(RESTConfig(protocol="v2", timeout=30))
    live, ready = await client.is_server_live(url), await client.is_server_ready(url)
    model = await client.is_model_ready(url, "income")
    inputs = [
        InferInput(name, [len(values)], datatype, data=values) for name, (datatype, values) in columns.items()
    ]
    answered = await client.infer(url, InferRequest("income", inputs), model_name="income")
    print(json.dumps([live, ready, model, answered.outputs[0].data]))

asyncio.run(main(sys.argv[1], json.loads(sys.stdin.read())))
"""


@pytest.fixture(scope="session")
def kserve():
    """The interpreter of an environment with KServe's client, whose needs do not go with ours."""
    return python_of("kserve")


def test_kserves_client(server, made, kserve):
    rows = X.dropna()[:20]
    columns = {name: (TYPES[name][0], rows[name].tolist()) for name in NAMES}
    done = subprocess.run(
        [kserve, "-c", KSERVE, server.url],
        input=json.dumps(columns),
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": ""},
    )
    assert done.returncode == 0, done.stderr
    live, ready, model, found = json.loads(done.stdout.splitlines()[-1])
    assert (live, ready, model) == (True, True, True)
    assert found == made.models[1].predict(rows).tolist()
