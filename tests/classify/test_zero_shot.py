"""Without an adapter a label is guessed by the words that the model would go on with."""

import numpy as np
import pytest

from gpt2demo.classify import zero_shot
from gpt2demo.engine.fake import FakeEngine
from gpt2demo.engine.torch_engine import TorchEngine

PIECES = [bytes([byte]) for byte in range(256)] + [b" bad", b" good", b" fine"]
BAD, GOOD, FINE = 256, 257, 258
WORDS = {"negative": ["bad"], "positive": ["good", "fine"]}


def engine(chances):
    """`chances(text)` gives the weights of " bad", " good" and " fine" after a text."""

    def weights(ids):
        p = np.full(len(PIECES) + 1, 1e-6)
        p[[BAD, GOOD, FINE]] = chances(b"".join(PIECES[i] for i in ids).decode())
        return p

    return FakeEngine(PIECES, weights)


def test_a_label_is_as_likely_as_its_words_together():
    found = zero_shot.probabilities(
        engine(lambda text: (1, 1, 1) if "N/A" in text else (1, 2, 1)), ["x"], " It is", WORDS
    )
    # three to one after the text, two to one after nothing: half as much again for positive
    assert found == pytest.approx(np.array([[0.4, 0.6]]))


def test_a_word_that_the_model_always_likes_counts_for_nothing():
    found = zero_shot.probabilities(engine(lambda text: (9, 0.5, 0.5)), ["x", "y"], " It is", WORDS)
    assert found == pytest.approx(np.full((2, 2), 0.5))


def test_the_text_stands_before_the_ending():
    seen = []
    zero_shot.probabilities(engine(lambda text: seen.append(text) or (1, 1, 1)), ["A film."], " It is", WORDS)
    assert "A film. It is" in seen


def test_no_texts_are_no_labels():
    assert zero_shot.probabilities(engine(lambda text: (1, 1, 1)), [], " It is", WORDS).shape == (0, 2)


def test_batches_give_what_the_whole_logits_of_each_text_give(mini):
    engine, texts = TorchEngine(mini, "mini"), ["A film.", "What a wonderful evening it was, I would go again", "No"]
    found = zero_shot.probabilities(engine, texts, " It is", WORDS)
    engine.microscope = None
    assert found == pytest.approx(zero_shot.probabilities(engine, texts, " It is", WORDS), abs=1e-5)
