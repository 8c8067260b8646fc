"""An export as it was asked for: read, planned, rendered, written."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from dsml_magics.command.arguments import PathText
from dsml_magics.errors import NotebookError, UsageError, hint
from dsml_magics.export.advice import advice, usable_inputs
from dsml_magics.export.engine import ENGINES, Engine
from dsml_magics.export.naming import identifier, shown
from dsml_magics.export.needs import modules_beside, packages_of, requirements_of
from dsml_magics.export.plan import Plan, tasks_of
from dsml_magics.export.rendering import dashed, rendered
from dsml_magics.export.schedule import schedule_of
from dsml_magics.export.value import Export
from dsml_magics.export.writing import write_all
from dsml_magics.pipeline.analysis.ordering import dependencies_of, direct
from dsml_magics.pipeline.reading import read_pipeline
from dsml_magics.pipeline.sections import Script, read_script, script_from
from dsml_magics.pipeline.value import Pipeline


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted of an export."""

    engine: str
    schedule: str | None = None
    state: str | None = None
    image: str | None = None


@dataclass(frozen=True, slots=True)
class _Source:
    """A script, with what only its notebook knew."""

    script: Script
    requirements: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def exported(path: PathText, order: Order, *, to: PathText) -> Export:
    """Write the files of a job.

    Raises
    ------
    NotebookError
        The notebook or script cannot be read, or holds no code.
    UsageError
        What is asked for does not fit the engine.
    FileNotWritten
        The folder cannot be written, or holds files of others by these names: then nothing is written.
    """
    engine = _checked(order)
    source = _read(Path(path).expanduser())
    folder = Path(to).expanduser()
    modules = modules_beside(source.script.pipeline.imported, source.script.path.parent)
    plan = _plan(source, order, folder, modules)
    files = _engine_files(engine, plan)
    if clash := sorted(files.keys() & modules.keys()):
        raise UsageError(
            f"Expected another name for the module {clash[0]!r}: the export writes a file of this name."
        )
    files = {plan.script: source.script.text, **modules, **files}
    write_all(folder, files, job=plan.name)
    return Export(
        engine=order.engine,
        folder=folder,
        files=tuple(files),
        steps=tuple(task.step for task in plan.tasks),
        usage=_usage(engine, plan, folder),
        warnings=(*source.warnings, *advice(source.script.pipeline, engine, plan, folder)),
    )


def _checked(order: Order) -> Engine:
    """Refuse what the engine cannot do."""
    if order.engine not in ENGINES:
        raise UsageError(f"Expected an engine, got {order.engine!r}. {hint(order.engine, ENGINES)}")
    engine = ENGINES[order.engine]
    if engine.needs_schedule and order.schedule is None:
        raise UsageError(
            f"Expected --schedule with {order.engine}, such as '0 6 * * 1-5': nothing else starts it."
        )
    if order.image is not None and not engine.takes_image:
        known = ", ".join(name for name, each in ENGINES.items() if each.takes_image)
        raise UsageError(
            f"Expected --image with an engine that runs containers ({known}), got {order.engine}."
        )
    if order.image is not None and not re.fullmatch(r"[\w./:@-]+", order.image, re.ASCII):
        raise UsageError(
            f"Expected --image as the name of an image, such as ghcr.io/me/job:1, got {order.image!r}."
        )
    _check_state(order, needs_url=engine.needs_url)
    return engine


def _check_state(order: Order, *, needs_url: bool) -> None:
    state = order.state
    if needs_url and (state is None or "://" not in state):
        raise UsageError(
            f"Expected --state with {order.engine} as a URL all pods reach, such as s3://bucket/jobs, got {state!r}."
        )
    if state is not None and (not state.strip() or not state.isprintable() or "{{" in state):
        raise UsageError(f"Expected --state as a folder or URL, got {state!r}.")
    if "://" in (state or "") and urlsplit(state or "").password:
        raise UsageError(
            "Expected --state without a password, which would be written to the files: set it in the engine's environment."
        )


def _read(path: Path) -> _Source:
    if path.suffix != ".ipynb":
        return _Source(read_script(path))
    pipeline = read_pipeline(path)
    script = script_from(pipeline.to_script(), path.with_suffix(".py"))
    return _Source(script, pipeline.requirements, pipeline.warnings)


def _plan(source: _Source, order: Order, folder: Path, modules: Mapping[str, str]) -> Plan:
    pipeline = source.script.pipeline
    after = direct(dependencies_of(pipeline))
    if not after:
        raise NotebookError(
            f"Expected a notebook or script with code, got {source.script.path.name!r} without any."
        )
    name = identifier(pipeline.name, "job")
    packages = packages_of(pipeline.imported, modules)
    return Plan(
        name=name,
        title=shown(pipeline.title) or name,
        script=_script_name(pipeline.name),
        tasks=tasks_of(pipeline.steps, after),
        inputs=usable_inputs(pipeline.parameters, order.engine),
        requirements=requirements_of(packages, source.requirements, order.state),
        image=order.image or f"{dashed(name)}:latest",
        in_image=order.image is not None,
        engine=order.engine,
        folder=str(folder.resolve()),
        root=_from_repository(folder.resolve()),
        schedule=schedule_of(order.schedule) if order.schedule is not None else None,
        state=order.state.strip().rstrip("/") or "/" if order.state is not None else None,
        modules=tuple(sorted(modules)),
        outputs=_outputs(pipeline),
    )


def _outputs(pipeline: Pipeline) -> tuple[str, ...]:
    """List the files of its own folder that steps are known to write, and that are no patterns."""
    effects = sorted({effect for node in pipeline.graph.nodes for effect in node.effects})
    names = [effect.partition(":")[2] for effect in effects if effect.startswith("files:")]
    return tuple(name for name in names if re.fullmatch(r"[\w][\w. /-]*", name) and ".." not in name)


def _script_name(stem: str) -> str:
    is_plain = re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", stem)
    return f"{stem if is_plain else identifier(stem, 'job')}.py"


def _from_repository(folder: Path) -> str:
    """Tell where a folder is in the git repository it belongs to."""
    found = (parent for parent in (folder, *folder.parents) if (parent / ".git").exists())
    return folder.relative_to(next(found, folder)).as_posix()


def _engine_files(engine: Engine, plan: Plan) -> dict[str, str]:
    files = {file.format(name=plan.name): rendered(template, plan) for template, file in engine.files.items()}
    return files | {
        "requirements.txt": "".join(f"{requirement}\n" for requirement in plan.requirements),
        "Dockerfile": rendered("Dockerfile", plan),
    }


def _usage(engine: Engine, plan: Plan, folder: Path) -> tuple[str, ...]:
    shown_folder = os.path.normpath(folder)
    return tuple(line.format(folder=shown_folder, name=plan.name, image=plan.image) for line in engine.usage)
