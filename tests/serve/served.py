"""A package made once, and servers of it."""

import json
import os
import socket
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

import dsml_magics as dsml
from dsml_magics.package.contract import Contract

RNG = np.random.default_rng(3)
X = pd.DataFrame(
    {
        "age": RNG.integers(17, 90, 400),
        "job": RNG.choice(["clerk", "smith", "Köchin"], 400),
        "hours": RNG.normal(40, 8, 400).round(1),
        "member": RNG.random(400) < 0.5,
    }
)
X.loc[RNG.random(400) < 0.1, "hours"] = None
Y = ((X.age > 45) ^ X.member).map({True: "yes", False: "no"})
ROW = {"age": 31, "job": "clerk", "hours": 38.5, "member": True}


def model_of(rows=400, labels=Y, **how):
    encode = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    head = make_column_transformer(
        (encode, ["job"]), remainder="passthrough", verbose_feature_names_out=False
    )
    return make_pipeline(head, HistGradientBoostingClassifier(max_iter=5, **how)).fit(X[:rows], labels[:rows])


@dataclass
class Ledger:
    """A ledger with versions of ``income``: 1 and 2 alike but for their model, 3 with other policies."""

    folder: str
    models: dict


@contextmanager
def ledger_of(folder):
    """Use a ledger of our own in `folder`, as a user in that folder would."""
    import mlflow

    before, here = os.environ.get("MLFLOW_TRACKING_URI"), Path.cwd()
    os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{folder}/mlflow.db"
    os.chdir(folder)
    mlflow.set_tracking_uri(os.environ["MLFLOW_TRACKING_URI"])
    try:
        yield
    finally:
        os.chdir(here)
        mlflow.set_tracking_uri(None)
        os.environ.pop("MLFLOW_TRACKING_URI", None)
        if before is not None:
            os.environ["MLFLOW_TRACKING_URI"] = before


@pytest.fixture(scope="package")
def made(tmp_path_factory):
    """A folder with a ledger of three versions; made once, as each takes some seconds."""
    folder = tmp_path_factory.mktemp("served")
    models = {1: model_of(), 2: model_of(labels=Y[::-1].reset_index(drop=True)), 3: model_of(200)}
    with ledger_of(folder):
        first = dsml.deploy(models[1], name="income", data=X)
        assert first.proof.path == "compiled", first.proof.path_reason
        dsml.deploy(models[2], name="income", data=X)
        contract = Contract.from_json(first.contract.to_json())
        contract = (
            contract.changed("job", policy="warn")
            .changed("hours", policy="clip")
            .changed("age", policy="warn")
        )
        (folder / "contract.json").write_text(contract.to_json())
        dsml.deploy(models[3], name="income", data=X, contract=folder / "contract.json")
    return Ledger(str(folder), models)


@pytest.fixture
def ledger(made):
    """The ledger, with version 1 as its champion."""
    with ledger_of(made.folder):
        yield made
        if champion() != 1:
            dsml.promote("income", 1)


@pytest.fixture(scope="module")
def server(made):
    """A server of version 1, for all tests of a file that leave it as it is."""
    with ledger_of(made.folder):
        running = dsml.serve("income@1")
    yield running
    running.stop()


def champion():
    return next(version.number for version in dsml.models("income") if "champion" in version.aliases)


@contextmanager
def serving(reference="income@champion", **how):
    running = dsml.serve(reference, **how)
    try:
        yield running
    finally:
        running.stop()


def ask(server, path, body=None, *, headers=None, method=None):
    """Ask a server; return the status, the headers and the body, read if it is JSON."""
    if isinstance(body, dict | list):
        body = json.dumps(body).encode()
    headers = {"Content-Type": "application/json", **(headers or {})} if body is not None else headers or {}
    request = urllib.request.Request(server.url + path, body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            return reply.status, reply.headers, _read(reply)
    except urllib.error.HTTPError as error:
        return error.code, error.headers, _read(error)


def _read(reply):
    content = reply.read()
    return (
        json.loads(content)
        if "json" in (reply.headers.get("content-type") or "") and content.strip()
        else content
    )


def records(*rows):
    return {"dataframe_records": list(rows)}


def plain_rows(frame):
    """Return a frame's rows as JSON has them."""
    return frame.astype(object).where(frame.notna(), None).to_dict("records")


class Load:
    """Clients that ask for some rows hundreds of times a second, and keep what they were answered."""

    def __init__(self, server, frame, clients=4):
        self.body = json.dumps(records(*plain_rows(frame)))
        self.port, self.ending = int(server.url.rsplit(":", 1)[1]), threading.Event()
        self.statuses, self.answers, self.failures = [], set(), []
        self.threads = [threading.Thread(target=self.run) for _ in range(clients)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        for thread in self.threads:
            thread.join()

    def run(self):
        client = HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Content-Type": "application/json"}
        while not self.ending.is_set():
            try:
                client.request("POST", "/invocations", self.body, headers)
                reply = client.getresponse()
                content = reply.read()
            except OSError as error:
                self.failures.append(error)
                continue
            self.statuses.append(reply.status)
            self.answers.add(tuple(json.loads(content).get("predictions", ())))
            # Enough for a request in any moment of a swap, and some of the machine left for what swaps.
            time.sleep(0.005)


def until(condition, seconds=300):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


def figure(server, name, labels):
    """Sum what a server counts under a name, of lines with these labels."""
    lines = ask(server, "/metrics")[2].decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name) and labels in line)


def compared(server, version, other):
    """Return how many rows of a version another one answered too."""
    return figure(server, "dsml_compared_rows_total", f'other="{other}",version="{version}"')


def rows_of(server, version):
    """Return how many rows a version answered."""
    return figure(server, "dsml_rows_total", f'version="{version}"')


def raw(server, content, *, pause=0.0, half=False):
    """Send bytes as they are; return all that comes back."""
    port = int(server.url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(content)
        time.sleep(pause)
        if half:
            client.shutdown(socket.SHUT_WR)
        found = b""
        while part := client.recv(65536):
            found += part
        return found
