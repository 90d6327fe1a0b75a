"""GPT-2's byte-level BPE: text to token ids and back, and the bytes behind every token."""

import codecs
from collections.abc import Iterable
from pathlib import Path

from tokenizers import ByteLevelBPETokenizer

from gpt2demo.errors import ModelBroken

END = "<|endoftext|>"


def byte_alphabet() -> dict[str, int]:
    """GPT-2's printable stand-in for each byte: printable Latin-1 stands for itself, the others for U+0100 onwards."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + i): byte for i, byte in enumerate(others)}


def readable(text: str) -> str:
    """The text with halves of surrogate pairs, which no UTF-8 can hold, replaced by U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class Tokenizer:
    """Encodes what visitors type as plain text: `<|endoftext|>` in it is thirteen characters, never the end token."""

    def __init__(self, folder: Path):
        """Read `vocab.json` and `merges.txt`; raises `ModelBroken` if they are missing or unreadable."""
        vocab, merges = folder / "vocab.json", folder / "merges.txt"
        for path in (vocab, merges):
            if not path.is_file():
                raise ModelBroken(f"The model folder {folder} has no {path.name}.", "A GPT-2 folder needs one.")
        try:
            self._bpe = ByteLevelBPETokenizer(str(vocab), str(merges))
        except Exception as error:  # the library raises plain Exception for whatever it cannot parse
            raise ModelBroken(
                f"The tokenizer in {folder} cannot be read: {error}.", "Fetch its files again."
            ) from error
        alphabet = byte_alphabet()
        pieces = self._bpe.get_vocab(with_added_tokens=False)
        self.size = len(pieces)
        self._bytes = {
            id: bytes(alphabet[c] for c in piece) if all(c in alphabet for c in piece) else piece.encode()
            for piece, id in pieces.items()
        }
        if END not in pieces:
            raise ModelBroken(f"The vocabulary in {folder} has no {END}.", "The demo runs GPT-2 models only.")
        self.end = pieces[END]

    def encode(self, text: str) -> list[int]:
        """The token ids of a text."""
        return self._bpe.encode(readable(text), add_special_tokens=False).ids

    def bytes(self, id: int) -> bytes:
        """The bytes that a token stands for; none for the end of text and for padding ids outside the vocabulary."""
        return b"" if id == self.end else self._bytes.get(id, b"")

    def decode(self, ids: Iterable[int]) -> str:
        """The text of some tokens; bytes that are no UTF-8 become U+FFFD."""
        return b"".join(map(self.bytes, ids)).decode("utf-8", errors="replace")

    def texts(self, ids: Iterable[int], final: bool = True) -> list[str]:
        """Each token's share of the text, so that they join to `decode(ids)`.

        Bytes that are not yet a character stand with the token that completes it. With `final` false, bytes still
        waiting at the very end are left out instead of turning into U+FFFD.
        """
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        shares = [decoder.decode(self.bytes(id)) for id in ids]
        if final and shares:
            shares[-1] += decoder.decode(b"", final=True)
        return shares
