"""Aliases are read from every kind of ledger, as MLflow's own client would read them."""

import http.server
import json
import threading

import mlflow
import pytest
from servers import Server, free_port, postgres

from dsml_magics.errors import LedgerError
from dsml_magics.ledger.alias import open_reader
from dsml_magics.ledger.place import sqlite_uri

pytestmark = pytest.mark.slow


def register(uri, name="income", alias="champion", versions=2):
    """Make versions of a model, the last of them named by an alias."""
    client = mlflow.MlflowClient(tracking_uri=uri)
    client.create_registered_model(name)
    # A server takes a version from the files of a run alone.
    run = client.create_run(client.create_experiment("versions")).info
    for _ in range(versions):
        client.create_model_version(name, f"{run.artifact_uri}/model", run.run_id)
    client.set_registered_model_alias(name, alias, str(versions))
    return client


def follows(uri):
    """Whether a reader sees an alias, sees it move, and says so when it is not there."""
    client, reader = register(uri), open_reader(uri)
    try:
        found = [reader.read("income", "champion")]
        client.set_registered_model_alias("income", "champion", "1")
        found.append(reader.read("income", "champion"))
        with pytest.raises(LedgerError):
            reader.read("income", "challenger")
        found.append(reader.read("income", "champion"))
    finally:
        reader.close()
    return found == [2, 1, 1]


def test_a_file_of_sqlite(tmp_path):
    folder = tmp_path / "a#b%20 c?d"
    folder.mkdir()
    plain = tmp_path / "mlflow.db"
    register(f"sqlite:///{plain}")
    plain.rename(folder / "mlflow.db")
    reader = open_reader(sqlite_uri(folder / "mlflow.db"))
    assert reader.read("income", "champion") == 2
    with pytest.raises(LedgerError, match="No alias 'challenger'"):
        reader.read("income", "challenger")
    (folder / "mlflow.db").rename(plain)
    with pytest.raises(LedgerError, match="could not be read"):
        reader.read("income", "champion")
    assert not (folder / "mlflow.db").exists()


def test_postgresql():
    with postgres() as uri:
        assert follows(uri)


def test_a_client_that_was_killed_is_started_again(tmp_path, monkeypatch):
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    register(uri)
    from dsml_magics.ledger.alias import _ClientReader

    reader = _ClientReader(uri)
    assert reader.read("income", "champion") == 2
    reader._process.kill()
    reader._process.wait()
    with pytest.raises(LedgerError, match="ended while it read"):
        reader.read("income", "champion")
    assert reader.read("income", "champion") == 2
    reader.close()


ENVIRONMENT = {"MLFLOW_TRACKING_USERNAME": "admin", "MLFLOW_TRACKING_PASSWORD": "p@ss:w0rd/12345"}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A server of MLflow that asks for user and password."""
    folder = tmp_path_factory.mktemp("guarded")
    settings = folder / "auth.ini"
    settings.write_text(
        "[mlflow]\ndefault_permission = READ\n"
        f"database_uri = sqlite:///{folder}/users.db\n"
        f"admin_username = admin\nadmin_password = {ENVIRONMENT['MLFLOW_TRACKING_PASSWORD']}\n"
        "authorization_function = mlflow.server.auth:authenticate_request_basic_auth\n"
    )
    server = Server(f"sqlite:///{folder}/mlflow.db", folder / "artifacts")
    try:
        server.start(
            "--app-name",
            "basic-auth",
            MLFLOW_AUTH_CONFIG_PATH=str(settings),
            MLFLOW_FLASK_SERVER_SECRET_KEY="x" * 32,
        )
        yield server
    finally:
        server.kill()


def test_a_server_with_users(guarded, monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    assert follows(guarded.uri)
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "another")
    with pytest.raises(LedgerError, match="401"):
        open_reader(guarded.uri).read("income", "champion")
    for name in ENVIRONMENT:
        monkeypatch.delenv(name)
    own = guarded.uri.replace("http://", "http://admin:p%40ss%3Aw0rd%2F12345@")
    assert open_reader(own).read("income", "champion") == 1


class Echo(http.server.BaseHTTPRequestHandler):
    """Answers as MLflow's REST API does, with the version that stands in the token."""

    def do_GET(self):
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        body = json.dumps({"model_version": {"version": token if scheme == "Bearer" else "0"}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


def test_a_token_is_sent_as_mlflows_client_sends_it(monkeypatch):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", free_port()), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    uri = f"http://127.0.0.1:{server.server_port}"
    assert open_reader(uri).read("income", "champion") == 0
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "17")
    assert open_reader(uri).read("income", "champion") == 17
    assert int(mlflow.MlflowClient(uri).get_model_version_by_alias("income", "champion").version) == 17
    server.shutdown()


def test_what_only_mlflows_client_knows_is_left_to_it(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    uri = "https://127.0.0.1:1"
    assert type(open_reader(uri)).__name__ == "_RestReader"
    monkeypatch.setenv("MLFLOW_TRACKING_INSECURE_TLS", "true")
    assert type(open_reader(uri)).__name__ == "_ClientReader"
    monkeypatch.delenv("MLFLOW_TRACKING_INSECURE_TLS")
    (tmp_path / ".mlflow").mkdir()
    (tmp_path / ".mlflow" / "credentials").write_text("")
    assert type(open_reader(uri)).__name__ == "_ClientReader"
    assert type(open_reader("mysql+pymysql://me@127.0.0.1/x")).__name__ == "_ClientReader"
