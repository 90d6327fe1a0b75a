"""Text to tokens and back: nothing a visitor types or a model writes is lost, and nothing becomes a command."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2demo.catalogue import ASSETS
from gpt2demo.engine.tokenizer import Tokenizer, byte_alphabet, readable
from gpt2demo.errors import ModelBroken

tokenizer = Tokenizer(ASSETS / "models" / "gpt2-mini")
texts = st.text(st.characters(exclude_categories=["Cs"]))
ids = st.lists(st.integers(0, tokenizer.size + 40), max_size=40)


@given(texts)
def test_every_text_comes_back_unchanged(text):
    assert tokenizer.decode(tokenizer.encode(text)) == text


@given(ids)
def test_the_shares_of_the_tokens_join_to_the_text(ids):
    assert "".join(tokenizer.texts(ids)) == tokenizer.decode(ids)
    assert len(tokenizer.texts(ids)) == len(ids)


@given(ids, st.integers(0, 40))
def test_without_the_end_a_share_says_nothing_that_more_tokens_could_change(ids, at):
    assert "".join(tokenizer.texts(ids)).startswith("".join(tokenizer.texts(ids[:at], final=False)))


@given(texts)
def test_the_bytes_of_the_tokens_are_the_bytes_of_the_text(text):
    assert b"".join(map(tokenizer.bytes, tokenizer.encode(text))) == text.encode()


@given(st.text(st.characters(categories=["Cs", "Lu"])))
def test_halves_of_surrogate_pairs_become_replacement_characters(text):
    assert tokenizer.decode(tokenizer.encode(text)) == readable(text)
    readable(text).encode()


def test_two_halves_that_belong_together_are_one_character():
    assert readable("\ud83e\udd8a") == "🦊"
    assert readable("a\ud83eb") == "a\ufffdb"


@pytest.mark.parametrize(
    "text", ["\x00", "a\x00b", "👩‍👩‍👧‍👦", "مرحبا \u202eabc", "\ufeff", "\r\n\t\u2028", "é", "e\u0301"]
)
def test_odd_characters_come_back(text):
    assert tokenizer.decode(tokenizer.encode(text)) == text


@pytest.mark.parametrize("text", ["<|endoftext|>", "a<|endoftext|>b", "<|endoftext|>" * 3])
def test_end_of_text_when_typed_is_text(text):
    encoded = tokenizer.encode(text)
    assert tokenizer.end not in encoded
    assert tokenizer.decode(encoded) == text


def test_the_end_of_text_token_has_no_text():
    assert tokenizer.bytes(tokenizer.end) == b""
    assert tokenizer.decode([tokenizer.end, *tokenizer.encode("a")]) == "a"


def test_a_padding_row_outside_the_vocabulary_has_no_text():
    assert tokenizer.bytes(tokenizer.size + 3) == b""


def test_a_glyph_in_several_tokens_stands_with_the_last_of_them():
    split = [tokenizer.encode("a")[0], *(id_of(bytes([byte])) for byte in "🦊".encode())]
    assert tokenizer.texts(split) == ["a", "", "", "", "🦊"]
    assert tokenizer.texts(split[:3]) == ["a", "", "\ufffd"]
    assert tokenizer.texts(split[:3], final=False) == ["a", "", ""]


def id_of(data: bytes) -> int:
    return next(id for id in range(tokenizer.size) if tokenizer.bytes(id) == data)


def test_each_byte_has_a_token_and_the_alphabet_has_a_letter_for_it():
    assert sorted(byte_alphabet().values()) == list(range(256))
    for byte in range(256):
        assert id_of(bytes([byte])) >= 0


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("vocab.json", None, "has no vocab.json"),
        ("merges.txt", None, "has no merges.txt"),
        ("vocab.json", "{", "cannot be read"),
        ("vocab.json", '{"a": 0}', "cannot be read|has no <|endoftext|>"),
    ],
)
def test_a_broken_tokenizer_is_named(file, content, said, tiny, tmp_path):
    for name in ("vocab.json", "merges.txt"):
        (tmp_path / name).write_bytes((tiny / name).read_bytes())
    (tmp_path / file).unlink() if content is None else (tmp_path / file).write_text(content)
    with pytest.raises(ModelBroken, match=said.replace("|>", r"\|>").replace("<|", r"<\|")):
        Tokenizer(tmp_path)
