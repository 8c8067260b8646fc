"""Deploy: a fitted model becomes a package with its proofs."""

from dsml_magics.command.arguments import File, Frame, Model, Reference, Target
from dsml_magics.command.registry import command
from dsml_magics.deploy.checked import Check
from dsml_magics.deploy.published import Published
from dsml_magics.package.value import Package


@command
def deploy(  # noqa: PLR0913  each is an option of the command
    model: Model,
    /,
    *,
    name: str,
    data: Frame,
    target: Target | None = None,
    encoding: str | None = None,
    gate: list[str] | None = None,
    approve_difference: bool = False,
    contract: File | None = None,
    notes: File | None = None,
    approver: str | None = None,
) -> Package:
    """Package a fitted model, prove that it predicts the same elsewhere, and register it.

    The package is an MLflow model directory with signature, pinned requirements, the contract of its input, a
    baseline profile, a card, container files and the SHA-256 of every file. A fresh process loads it: it must predict
    exactly what the model predicts here, and answer or refuse odd rows as its contract says; otherwise nothing is
    registered. The first version becomes champion, later ones challenger.

    Parameters
    ----------
    model
        The fitted model: anything with ``predict``, a function, or the path or URI of one.
    name
        Name to register it under.
    data
        The columns the model takes, some rows of them: proof, contract and baseline are made with it.
    target
        What the rows should be answered with: a column of `data`, the path of a file, or in a notebook {values}.
    encoding
        Encoding of CSV files, as ``cp949`` or ``latin-1``; by default UTF-8, or else the one that their bytes show.
    gate
        Conditions such as ``roc_auc>=0.9``, ``p99_ms<=5`` or ``size_mb<=50``; if one fails, nothing is registered.
    approve_difference
        Accept predictions that differ in the fresh process; who did so is written down.
    contract
        An edited contract, in JSON, instead of the one learnt from `data`.
    notes
        A Markdown file with the headings Purpose, Users, Limits and Fairness, for the card.
    approver
        Who may make later versions champion; several are parted by commas.

    Returns
    -------
    Package
        The registered version.

    Examples
    --------
    >>> dsml.deploy(model, name="income", data=train)  # doctest: +SKIP
    """
    from dsml_magics.deploy.recipe import deployed
    from dsml_magics.deploy.wish import wish_of
    from dsml_magics.frames.encoded_path import with_encoding

    (data,) = with_encoding(encoding, data)
    return deployed(
        model,
        data,
        wish_of(
            name=name,
            target=target,
            gate=gate,
            approve_difference=approve_difference,
            contract=contract,
            notes=notes,
            approver=approver,
        ),
    )


@command
def check(
    name: Reference,
    /,
    *,
    data: Frame | None = None,
    target: Target | None = None,
    encoding: str | None = None,
    verify_key: File | None = None,
) -> Check:
    """Prove a package again: its files, its answers, its contract and its gates.

    Without `data`, its predictions for the made-up rows in the package are compared with those stored beside them.

    Parameters
    ----------
    name
        The package: ``income``, ``income@champion``, ``income@3``, an MLflow URI or a folder.
    data
        Rows to measure metrics on, for gates that need them.
    target
        What the rows should be answered with: a column of `data`, the path of a file, or in a notebook {values}.
    encoding
        Encoding of CSV files, as ``cp949`` or ``latin-1``; by default UTF-8, or else the one that their bytes show.
    verify_key
        A public Ed25519 key in PEM: a package that is not signed by it is refused.

    Returns
    -------
    Check
        What was found; the command fails if it is not what was proved.

    Examples
    --------
    >>> dsml.check("income")  # doctest: +SKIP
    """
    from dsml_magics.deploy.checking import checked
    from dsml_magics.frames.encoded_path import with_encoding

    (data,) = with_encoding(encoding, data)
    return checked(name, data=data, target=target, verify_key=verify_key)


@command
def publish(
    package: Reference, /, *, to: str, sign: File | None = None, verify_key: File | None = None
) -> Published:
    """Bring a package elsewhere: a folder, a container's build context, or another MLflow server.

    Parameters
    ----------
    package
        The package: ``income``, ``income@champion``, ``income@3``, an MLflow URI or a folder.
    to
        A folder that does not exist yet; ``oci:FOLDER`` for a build context, where ``docker build FOLDER`` needs
        nothing else; or the address of another MLflow server or database.
    sign
        A private Ed25519 key in PEM to sign the copy with, as ``openssl genpkey -algorithm ed25519`` makes it.
    verify_key
        A public Ed25519 key in PEM: a package that is not signed by it is refused.

    Returns
    -------
    Published
        Where it is now.

    Examples
    --------
    >>> dsml.publish("income", to="oci:income")  # doctest: +SKIP
    """
    from dsml_magics.deploy.publishing import published

    return published(package, to=to, sign=sign, verify_key=verify_key)
