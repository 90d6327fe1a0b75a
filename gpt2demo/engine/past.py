"""What the engines' memories have in common: the chain of portions that were read, and the bytes that caches may take."""

import itertools
import threading
import weakref
from dataclasses import dataclass
from typing import Protocol, Self

ROOM_TO_GROW = 128  # tokens that a new cache can take before it is copied into a larger one


@dataclass(frozen=True, eq=False)
class Chain:
    """A chain of chunks as they were read. It can be rebuilt exactly by reading them again in the same chunks."""

    parent: Self | None
    chunk: tuple[int, ...]
    length: int

    def __len__(self) -> int:
        return self.length

    @property
    def chunks(self) -> list[tuple[int, ...]]:
        """What was read, in the portions in which it was read."""
        past, chunks = self, []
        while past is not None:
            chunks.append(past.chunk)
            past = past.parent
        return chunks[::-1]

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(itertools.chain.from_iterable(self.chunks))


class Cache(Protocol):
    """Keys and values that can be given up, since every past can be read again."""

    used: int  # the clock's time when somebody last wrote here

    @property
    def size(self) -> int:
        """Bytes."""
        ...

    def drop(self) -> None: ...


now = itertools.count().__next__  # a clock that only tells what came first


class Budget:
    """The caches of one engine: together they take at most so many bytes, except that the newest always stays."""

    def __init__(self, most_bytes: int):
        self.most_bytes = most_bytes
        self._caches: weakref.WeakSet[Cache] = weakref.WeakSet()
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """The bytes that the caches take now."""
        with self._lock:
            return sum(cache.size for cache in self._caches)

    def enter(self, cache: Cache) -> None:
        """Enter a new cache; the longest unused are dropped while all of them together are over the budget."""
        with self._lock:
            oldest_first = sorted(self._caches, key=lambda c: c.used)
            total = cache.size + sum(c.size for c in oldest_first)
            for old in oldest_first:
                if total <= self.most_bytes:
                    break
                total -= old.size
                old.drop()
            self._caches.add(cache)


def roomy(length: int, positions: int) -> int:
    """For how many tokens a new cache is made that must take `length` of them, in a model of so many positions."""
    return min(positions, max(2 * length, length + ROOM_TO_GROW))
