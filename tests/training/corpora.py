"""A tiny data folder in the form of the real one, every text made up here."""

import csv
from pathlib import Path

WORDS = {"negative": "sad bad poor grim", "neutral": "river door stone north", "positive": "good fine glad kind"}
SCENES = ("the fox was {} today", "and the heron looked {} then", "so {} was the water", "a {} boat for one")
INTENTS = {"cancel_order": "cancel my order", "get_invoice": "send me the invoice", "track_order": "where is my order"}


def write_csv(path: Path, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


def opinions(times: int = 1, prefix: str = "") -> list[tuple[str, str]]:
    """Each scene with each word of each label, `times` over in other surroundings."""
    return [
        (f"{prefix}{scene.format(word)} {i}", label)
        for i in range(times)
        for label, words in WORDS.items()
        for word in words.split()
        for scene in SCENES
    ]


def write_sentiment(data: Path) -> Path:
    """`sentiment/train` with all seven sources and `sentiment/eval` with a text of one of them."""
    for i, source in enumerate(("goemotions", "newsmtsc", "sentfin", "uci_sentences", "vader_amazon", "vader_tweets")):
        write_csv(data / "sentiment" / "train" / f"{source}.csv", ("text", "label"), opinions(prefix=f"{source} "))
    five = [("the film was very fine", "very_positive"), ("the film was so grim", "very_negative"), ("hm", "mixed")]
    write_csv(data / "sentiment" / "train" / "sst5.csv", ("text", "label"), five + opinions(prefix="sst5 "))
    judged = [*opinions(prefix="eval "), ("GoEmotions the fox was sad today 0!", "negative"), ("so so", "mixed")]
    for file in ("sst2_test", "sst5_test", "tweeteval_test", "goemotions_test"):
        kept = [row for row in judged if file != "sst2_test" or row[1] in ("negative", "positive")]
        write_csv(data / "sentiment" / "eval" / f"{file}.csv", ("text", "label"), kept)
    agreed = [(*row, "100" if i % 2 else "75") for i, row in enumerate(judged)]
    write_csv(data / "sentiment" / "eval" / "financial_phrasebank.csv", ("text", "label", "agreement"), agreed)
    return data


def write_intent(data: Path) -> Path:
    """`intent` with three intents under polite wrappings, and questions of other domains."""
    wrapped = (
        "please {}",
        "I want you to {} now {{{{Order Number}}}}",
        "{} quickly for {{{{Person Name}}}}",
        "hey {} thanks",
    )
    rows = [
        (f"{wrapping.format(said)} {'really ' * i}", label, "ORDER")
        for label, said in INTENTS.items()
        for wrapping in wrapped
        for i in range(3)
    ]
    folder = data / "intent"
    write_csv(folder / "bitext_customer_support" / "bitext_27k_utterances.csv", ("text", "label", "category"), rows)
    foreign = [
        (f"how {word} is the {thing}", "oos", "") for word in ("high", "old", "far") for thing in ("moon", "sea")
    ]
    for name in ("oos_train", "oos_val"):
        write_csv(folder / "clinc150" / f"{name}.csv", ("text", "label", "domain"), foreign)
    others = [("what is the time", "time", "utility"), ("where is my order", "order_status", "home")]
    write_csv(folder / "clinc150" / "train.csv", ("text", "label", "domain"), others)
    write_csv(folder / "clinc150" / "test.csv", ("text", "label", "domain"), [("what time is it", "time", "utility")])
    judged = [("who wrote this song", "oos", ""), ("how high is the moon", "oos", "")]
    write_csv(folder / "clinc150" / "oos_test.csv", ("text", "label", "domain"), judged)
    return data


def write_hint3(data: Path) -> Path:
    """`intent/hint3` for both shops: two intents, and live questions of which one is beyond them."""
    taught = [
        (f"{said} {i}", label) for said, label in (("where is it", "WHERE"), ("send it back", "BACK")) for i in range(9)
    ]
    asked = [("where is it now", "WHERE"), ("I send it back", "BACK"), ("hello", "NO_NODES_DETECTED")]
    for shop in ("curekart", "sofmattress"):
        write_csv(data / "intent" / "hint3" / f"{shop}_train.csv", ("text", "label"), taught)
        write_csv(data / "intent" / "hint3" / f"{shop}_test.csv", ("text", "label"), asked)
    return data
