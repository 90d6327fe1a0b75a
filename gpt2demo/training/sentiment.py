"""The texts of `train sentiment`: seven openly licensed sets brought to negative, neutral and positive."""

from collections.abc import Collection
from pathlib import Path

from gpt2demo.classify.labelled import SENTIMENT_NAMES, Row, distinct, read_csv, relabelled, sample, split, without
from gpt2demo.errors import BadInput

SOURCES = {
    "goemotions": "Reddit comments (GoEmotions), Apache-2.0",
    "newsmtsc": "sentences of political news (NewsMTSC), MIT",
    "sentfin": "financial headlines (SEntFiN), MIT",
    "sst5": "sentences of film reviews (Stanford Sentiment Treebank); its authors state no licence",
    "uci_sentences": "sentences of product, film and restaurant reviews (UCI), CC BY 4.0",
    "vader_amazon": "sentences of product reviews (VADER), MIT",
    "vader_tweets": "tweets (VADER), MIT",
}
HELD_OUT = 0.1


def texts(
    data: Path, left_out: Collection[str] = (), most: int | None = None, seed: int = 0
) -> tuple[list[Row], list[Row], dict[str, int]]:
    """Training and held-out rows and how many texts each source gave, at most `most` of each.

    No text of `data/sentiment/eval` is among them, and none that stands under two labels. Raises `BadInput` for a
    source that does not exist or is missing.
    """
    if unknown := set(left_out) - set(SOURCES):
        raise BadInput(f"There is no source {unknown.pop()!r}.", f"The sources are {', '.join(SOURCES)}.")
    barred = evaluation_texts(data)
    found: list[Row] = []
    counts = {}
    for source in SOURCES:
        if source not in left_out:
            rows = relabelled(read_csv(data / "sentiment" / "train" / f"{source}.csv"), SENTIMENT_NAMES)
            rows = sample(without(distinct(rows), barred), most, seed)
            counts[source] = len(rows)
            found += rows
    train, held_out = split(distinct(found), HELD_OUT, seed)
    return train, held_out, counts


def evaluation_texts(data: Path) -> list[str]:
    """Every text that the classifier is judged on and must never have learned from."""
    files = sorted((data / "sentiment" / "eval").glob("*.csv"))
    if not files:
        raise BadInput(
            f"There are no evaluation texts in {data / 'sentiment' / 'eval'}.", "Name another --data folder."
        )
    return [text for path in files for text, _ in read_csv(path)]
