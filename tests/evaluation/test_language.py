"""`eval lm` on texts of a few words, whose numbers are known beforehand."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import zstandard

from gpt2demo.__main__ import main
from gpt2demo.engine.fake import FakeEngine
from gpt2demo.engine.tokenizer import END
from gpt2demo.errors import BadInput
from gpt2demo.evaluation.language import held_out_sources, lambada, wikitext2


@pytest.fixture
def data(tmp_path) -> Path:
    """A data folder with one source, three lines of WikiText and two passages of LAMBADA."""
    val, wiki, passages = tmp_path / "text" / "val", tmp_path / "lm" / "wikitext2", tmp_path / "lm" / "lambada"
    for folder in (val, wiki, passages):
        folder.mkdir(parents=True)
    text = f"a b a b a b a b a\n{END}\n" * 5
    (val / "letters.txt.zst").write_bytes(zstandard.ZstdCompressor().compress(text.encode()))
    (wiki / "wiki.test.raw").write_text("a b a\n b a\n")
    lines = [json.dumps({"text": text}) for text in ("a b a b", "b a b b")]
    (passages / "lambada_test_openai.jsonl").write_text("\n".join(lines))
    return tmp_path


def alternating(ids: tuple[int, ...]) -> np.ndarray:
    """After an a comes a b, after a b an a, each with a probability of 3/4; vocabulary: a, b, ` a`, ` b`, newline, end."""
    after = {0: 3, 2: 3, 1: 2, 3: 2}.get(ids[-1], 0)
    return np.where(np.arange(6) == after, 0.75, 0.05)


def engine(positions: int = 8) -> FakeEngine:
    return FakeEngine([b"a", b"b", b" a", b" b", b"\n"], alternating, positions)


def last(rows):
    *_, final = rows
    return final


def test_a_source_is_scored_document_by_document_with_an_end_between(data):
    (row,) = held_out_sources(engine(), data)
    assert row["name"] == "letters"
    # 50 tokens; windows of 8 moved by 4 leave the last one out: 44 as foreseen, 4 ends of text that were not
    nats = 4 * -math.log(0.05) + 44 * -math.log(0.75)
    assert row["tokens"] == 48 and row["perplexity"] == pytest.approx(math.exp(nats / 48))


def test_wikitext_perplexity_counts_words_and_line_ends(data):
    row = last(wikitext2(engine(), data))
    nats = (
        2 * -math.log(0.75) + 2 * -math.log(0.05) + -math.log(0.05) + -math.log(0.75)
    )  # b a, newlines, then ` b` and a
    assert row["tokens"] == 6
    assert row["word_perplexity"] == pytest.approx(math.exp(nats / 7))  # five words, two ends of lines


def test_lambada_asks_for_the_last_word_only(data):
    row = last(lambada(engine(), data))
    assert row["passages"] == 2 and row["accuracy"] == 0.5
    assert row["perplexity"] == pytest.approx(math.exp(-(math.log(0.75) + math.log(0.05)) / 2))


def test_a_passage_longer_than_the_model_can_read_keeps_its_end(data):
    long = json.dumps({"text": "a b " * 40 + "a b"})
    (data / "lm" / "lambada" / "lambada_test_openai.jsonl").write_text(long)
    assert last(lambada(engine(), data))["accuracy"] == 1


def test_the_command_prints_the_published_numbers_of_gpt2_beside_its_own(data, tiny, capsys):
    assert main(["eval", "lm", "--data", str(data), "--model", str(tiny), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["published"]["wikitext2_perplexity"] == 29.41 and found["lambada"]["passages"] == 2
    assert found["mean_bits_per_byte"] == found["sources"]["letters"]["bits_per_byte"]
    assert main(["eval", "lm", "--data", str(data), "--model", str(tiny), "--only", "lambada"]) == 0
    assert "45.99%" in capsys.readouterr().out


def test_a_folder_without_the_texts_is_named(tmp_path):
    for measure in (held_out_sources, wikitext2, lambada):
        with pytest.raises(BadInput, match=str(tmp_path)):
            next(measure(engine(), tmp_path))
