"""What the user asked of a job."""

from dataclasses import dataclass

from dsml_magics.errors import UsageError


@dataclass(frozen=True, slots=True)
class Wish:
    """How a script is to be run; see `dsml_magics.run`.

    Raises
    ------
    UsageError
        A number is out of its range, or two options exclude each other.
    """

    resume: bool = False
    start: str | None = None
    only: tuple[str, ...] = ()
    retries: int = 0
    timeout: float | None = None
    jobs: int = 1

    def __post_init__(self) -> None:
        if self.retries < 0:
            raise UsageError(f"Expected --retries of 0 or more, got {self.retries}.")
        if self.timeout is not None and not self.timeout > 0:
            raise UsageError(f"Expected a --timeout in seconds above 0, got {self.timeout:g}.")
        if self.jobs < 1:
            raise UsageError(f"Expected --jobs of 1 or more, got {self.jobs}.")
        if self.only and (self.start is not None or self.resume):
            raise UsageError(
                "Expected either --only, or --from and --resume: --only takes what is there as it is."
            )
