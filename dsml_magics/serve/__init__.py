"""Serve: a package answers requests, by MLflow's protocol and the Open Inference Protocol."""

from dsml_magics.command.arguments import File, Reference
from dsml_magics.command.registry import command
from dsml_magics.serve.serving import Serving


@command
def serve(  # noqa: PLR0913  each is an option of the command
    name: Reference,
    /,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    workers: int = 1,
    token_file: File | None = None,
    allowed_hosts: list[str] | None = None,
    canary: str | None = None,
    shadow: int | None = None,
    windows: File | None = None,
    window_minutes: int = 60,
    batch_ms: float = 0.0,
    max_body_mb: float = 32.0,
    max_rows: int = 100_000,
    max_seconds: float = 30.0,
    max_requests: int = 256,
    verify_key: File | None = None,
) -> Serving:
    """Serve a package over HTTP: requests are validated against its contract, and predictions equal those of its pipeline.

    If the reference is an alias, as ``income@champion``, the version that it names is served: a promotion or a rollback
    is followed within seconds, without a failed request. In a notebook the server runs beside the kernel and ends with
    it; in the shell it runs until Ctrl-C.

    Parameters
    ----------
    name
        The package: ``income``, ``income@champion``, ``income@3``, an MLflow URI or a folder.
    host
        Address to listen on; ``0.0.0.0`` for all of this machine's.
    port
        Port to listen on; 0 for a free one.
    workers
        Processes that answer.
    token_file
        File with a token that requests must bring, as ``Authorization: Bearer TOKEN``.
    allowed_hosts
        Without a token: names that requests may be meant for (their header ``Host``), beside ``localhost``, this machine's
        name and addresses; ``*`` for any. It keeps pages of other sites from reaching the server by a browser.
    canary
        Version that answers some of the requests, and how many of a hundred, as ``4=10``.
    shadow
        Version that answers all requests too; its answers are only compared.
    windows
        Folder for profiles of what was asked and answered, for monitoring; no rows are kept.
    window_minutes
        How long each of these windows is.
    batch_ms
        Milliseconds to wait for other requests that are answered together.
    max_body_mb
        Largest body of a request.
    max_rows
        Most rows of a request.
    max_seconds
        Longest time for headers and body to come, and for an answer. A client that takes nothing of it for a minute is let go.
    max_requests
        Most requests that one process works on at a time.
    verify_key
        A public Ed25519 key in PEM: a package that is not signed by it is refused.

    Returns
    -------
    Serving
        The server: its ``url``, and ``stop()``.

    Examples
    --------
    >>> dsml.serve("income@champion")  # doctest: +SKIP
    """
    from dsml_magics.serve.settings import Limits, settings_of

    settings = settings_of(
        name,
        host=host,
        port=port,
        workers=workers,
        token_file=None if token_file is None else str(token_file),
        allowed_hosts=tuple(allowed_hosts or ()),
        canary=canary,
        shadow=shadow,
        windows=None if windows is None else str(windows),
        window_seconds=window_minutes * 60,
        batch_ms=batch_ms,
        verify_key=None if verify_key is None else str(verify_key),
        limits=Limits(max_body_mb, max_rows, max_seconds, max_requests),
    )
    return Serving(settings)
