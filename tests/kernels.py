"""Real kernels, spoken to as a notebook does."""

import os
import queue
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@dataclass
class Answer:
    """What a kernel sent back for one cell."""

    status: str
    text: str = ""
    results: list[str] = field(default_factory=list)
    errors: list[dict] = field(default_factory=list)


def plain(text):
    """Take the colours out of what a kernel sent."""
    return re.sub(r"\x1b\[[\d;]*m", "", text)


class Kernel:
    """A running kernel, spoken to as a notebook does."""

    def __init__(self, client):
        self.client = client

    def run(self, code, *, timeout=120):
        request = self.client.execute(code)
        reply = self._reply(request, timeout)["content"]
        answer = Answer(reply["status"])
        while True:
            message = self._published(request, timeout)
            content = message["content"]
            if message["msg_type"] == "stream":
                answer.text += content["text"]
            elif message["msg_type"] in ("execute_result", "display_data"):
                answer.results.append(content["data"]["text/plain"])
            elif message["msg_type"] == "error":
                answer.errors.append({**content, "traceback": [plain(line) for line in content["traceback"]]})
            elif message["msg_type"] == "status" and content["execution_state"] == "idle":
                return answer

    def complete(self, code):
        content = self._reply(self.client.complete(code, len(code)), 60)["content"]
        return [code[: content["cursor_start"]] + match for match in content["matches"]]

    def inspect(self, code):
        content = self._reply(self.client.inspect(code, len(code)), 60)["content"]
        return plain(content["data"].get("text/plain", ""))

    def _reply(self, request, timeout):
        while True:
            message = self.client.get_shell_msg(timeout=timeout)
            if message["parent_header"].get("msg_id") == request:
                return message

    def _published(self, request, timeout):
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=timeout)
            except queue.Empty:
                pytest.fail("the kernel went silent")
            if message["parent_header"].get("msg_id") == request:
                return message


@pytest.fixture(scope="session")
def _one_kernel(tmp_path_factory):
    from jupyter_client.manager import start_new_kernel

    home = tmp_path_factory.mktemp("jupyter")
    own = {"IPYTHONDIR": home, "JUPYTER_RUNTIME_DIR": home / "runtime", "JUPYTER_CONFIG_DIR": home / "config"}
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    with pytest.MonkeyPatch.context() as patch:
        for name, folder in own.items():
            patch.setenv(name, str(folder))
        patch.setenv("PYTHONPATH", path)
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        manager, client = start_new_kernel(cwd=str(home))
    yield Kernel(client)
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel(_one_kernel, tmp_path):
    """A real kernel with an empty namespace, in a folder of its own, with the extension loaded."""
    clean = _one_kernel.run(f"%reset -f\nimport os; os.chdir({str(tmp_path)!r})\n%reload_ext dsml_magics")
    assert clean.status == "ok"
    return _one_kernel


@pytest.fixture
def own_process(workdir):
    """A kernel of the test's own, in its folder; its manager can kill it."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(cwd=str(workdir))
    yield manager, Kernel(client)
    client.stop_channels()
    if manager.is_alive():
        manager.shutdown_kernel(now=True)
