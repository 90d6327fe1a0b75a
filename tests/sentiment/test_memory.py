"""A long file is scored without piling anything up, and what is done when it is stopped stays."""

import tracemalloc

import numpy as np

from gpt2demo.page.parts import scored
from gpt2demo.page.sentiment import carries_labels
from gpt2demo.sentiment.opinion import BATCH, in_batches
from gpt2demo.sentiment.table import read, text_column, write_csv, write_xlsx

ROWS = 2_000
MOST_A_ROW = 300 * 2**20 / 50_000  # bytes: 50,000 rows may take 300 MB


class Reader:
    """Knows nothing and keeps nothing."""

    def probabilities(self, texts):
        return np.tile([0.5, 0.3, 0.2], (len(texts), 1))


def test_reading_scoring_and_saving_take_no_more_than_their_share_of_the_memory(tmp_path):
    path = tmp_path / "many.csv"
    write_csv(
        path,
        ["id", "headline"],
        ([i, f"Number {i} says that its profit rose by {i % 40} percent"] for i in range(ROWS)),
    )
    tracemalloc.start()
    try:
        table = read(path)
        texts = table.column(text_column(table))
        for p in in_batches(Reader(), texts):
            scored.view(texts, p, 0.5, "all", "as in the file", None, ROWS)
        rows = [[*row, *np.round(one, 6).tolist()] for row, one in zip(table.rows, p)]
        write_csv(tmp_path / "out.csv", table.columns, rows)
        write_xlsx(tmp_path / "out.xlsx", table.columns, rows)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(p) == ROWS and most < ROWS * MOST_A_ROW


def test_what_is_done_when_it_is_stopped_stays():
    done = []
    for p in in_batches(Reader(), ["a text"] * 1000, cancelled=lambda: len(done) >= 3):
        done.append(len(p))
    assert done == [BATCH, 2 * BATCH, 3 * BATCH]


def test_a_column_of_texts_is_no_column_of_labels():
    assert carries_labels(["pos", "neg", "neutral"]) and not carries_labels(["a good film", "a bad one"])
