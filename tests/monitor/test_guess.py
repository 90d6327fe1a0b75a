"""The topic of a headline that no word gives away is guessed where the model is sure enough, and else left open."""

import numpy as np

from gpt2demo.classify import Head
from gpt2demo.engine.fake import FakeEngine
from gpt2demo.monitor.guess import SURE, Guesser
from gpt2demo.monitor.topics import parse

TOPICS = parse("sport: ball\nweather: snow")
PIECES = [bytes([byte]) for byte in range(256)] + [b" sport", b" weather"]
SPORT, WEATHER = 256, 257


def engine(chances):
    """`chances(text)` gives the weights of " sport" and " weather" after a text; after nothing they weigh the same."""

    def weights(ids):
        text = b"".join(PIECES[i] for i in ids).decode()
        p = np.full(len(PIECES) + 1, 0.01)
        p[[SPORT, WEATHER]] = (0.01, 0.01) if "N/A" in text else chances(text)
        return p

    return FakeEngine(PIECES, weights)


def test_the_topic_that_a_headline_makes_much_likelier_is_guessed():
    guess = Guesser(engine(lambda text: (0.5, 0.01) if "cup" in text else (0.01, 0.01)), None, TOPICS)
    assert guess(["Team wins the cup", "Minister resigns"]) == ["sport", ""]


def test_a_list_of_one_topic_does_not_draw_everything():
    assert Guesser(engine(lambda text: (0.01, 0.01)), None, TOPICS[:1])(["Minister resigns"]) == [""]


def test_the_probabilities_stand_in_the_order_of_the_list():
    guess = Guesser(engine(lambda text: (0.01, 0.5)), None, TOPICS)
    assert guess.probabilities(["x"]).shape == (1, 2) and guess.probabilities(["x"])[0, 1] > SURE


def test_an_adapter_guesses_among_its_labels_and_what_is_no_topic_is_left_open():
    hidden = FakeEngine(PIECES, lambda ids: np.ones(len(PIECES) + 1))
    width = hidden.last_hidden([[0]]).shape[1]
    weight = np.zeros((3, width))
    for label, expected in enumerate(["weather", "sport", ""]):
        tilted = weight.copy()
        tilted[label] = 50 * np.sign(hidden.last_hidden([[65]])[0])
        head = Head(("Weather", "Sport", "other"), tilted, threshold=0.6)
        assert Guesser(hidden, head, TOPICS)(["A"]) == [expected]


def test_other_names_make_other_guesses_and_other_keywords_do_not():
    one, other, renamed = (Guesser(None, None, parse(text)).key for text in ("a: x\nb: y", "b: z\na: x", "a: x\nc: y"))
    assert one == other != renamed
