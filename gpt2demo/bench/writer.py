"""What every candidate can do once it is loaded."""

from collections.abc import Callable
from dataclasses import dataclass

Tell = Callable[[], None]  # called as each token is known


@dataclass(frozen=True)
class Writer:
    """A loaded model that goes on greedily, after one text or after several of the same length in one batch."""

    write: Callable[[list[int], int, Tell], list[int]]  # (prompt, count, tell) -> new ids
    together: Callable[[list[list[int]], int], None]  # (prompts, count)

    def __call__(self, prompt: list[int], count: int, tell: Tell) -> list[int]:
        return self.write(prompt, count, tell)
