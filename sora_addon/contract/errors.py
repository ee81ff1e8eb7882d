"""The one error that the contract raises: it names the field, says what is wrong and how to mend it."""

from __future__ import annotations


class ContractError(ValueError):
    """A shot or a take that does not keep the contract.

    ``field`` is the place in the document (``camera.rows[3].world``) or the file (``passes/frame_000001.exr``).
    """

    def __init__(self, field: str, problem: str, mend: str = "") -> None:
        self.field = field
        self.problem = problem
        self.mend = mend
        super().__init__(f"{field}: {problem}" + (f"; {mend}" if mend else ""))

    def under(self, parent: str) -> ContractError:
        """The same error, seen from the object that holds the field."""
        joint = "" if not self.field or self.field.startswith("[") else "."
        return ContractError(f"{parent}{joint}{self.field}" if parent else self.field, self.problem, self.mend)
