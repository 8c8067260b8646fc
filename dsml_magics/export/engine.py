"""The engines: for each, the templates of its files, and what to do with them. A new one is a template and a line here."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

_ENVIRONMENT = "python3 -m venv {folder}/.venv && {folder}/.venv/bin/pip install -r {folder}/requirements.txt"
_IMAGE = "docker build -t {image} {folder} && docker push {image}"


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine.

    `files` gives the file each template is written to, `usage` what to do then. One that `needs_schedule` has no other way to
    begin; in one with `pods` each step runs in a container of its own, on a disk of its own; one that `needs_url` offers no
    place for the state. What is in `own_marks` it reads as an expression of its own, wherever it stands.
    """

    files: Mapping[str, str]
    usage: tuple[str, ...]
    needs_schedule: bool = False
    needs_url: bool = False
    pods: bool = False
    takes_image: bool = False
    own_marks: str = ""


ENGINES: Mapping[str, Engine] = MappingProxyType(
    {
        "airflow": Engine(
            {"airflow.py": "{name}_airflow.py", "airflowignore": ".airflowignore"},
            (_ENVIRONMENT, "put {folder} into the dags folder of Airflow 3"),
        ),
        "argo": Engine(
            {"argo.yaml": "{name}.argo.yaml"},
            (_IMAGE, "kubectl create -f {folder}/{name}.argo.yaml"),
            pods=True,
            takes_image=True,
            own_marks="{{",
        ),
        "cron": Engine(
            {"run.sh": "run.sh", "crontab": "{name}.cron"},
            (_ENVIRONMENT, "(crontab -l; cat {folder}/{name}.cron) | crontab -"),
            needs_schedule=True,
        ),
        "dagster": Engine(
            {"dagster.py": "{name}_dagster.py"},
            (_ENVIRONMENT, "dagster dev -f {folder}/{name}_dagster.py"),
        ),
        "github": Engine(
            {"github.yml": ".github/workflows/{name}.yml"},
            ("commit {folder}",),
            takes_image=True,
            own_marks="${{",
        ),
        "kubeflow": Engine(
            {"kubeflow.py": "{name}_kubeflow.py"},
            (
                _IMAGE,
                "python {folder}/{name}_kubeflow.py  # with kfp: writes {name}.kubeflow.yaml, to be uploaded",
            ),
            needs_url=True,
            pods=True,
            takes_image=True,
            own_marks="{{",
        ),
        "systemd": Engine(
            {"run.sh": "run.sh", "service": "{name}.service", "timer": "{name}.timer"},
            (
                _ENVIRONMENT,
                "systemctl --user link {folder}/{name}.service {folder}/{name}.timer",
                "systemctl --user enable --now {name}.timer",
            ),
            needs_schedule=True,
        ),
    }
)
"""Every engine by name."""
