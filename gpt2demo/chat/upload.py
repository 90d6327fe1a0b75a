"""A FAQ of one's own as a knowledge base: CSV, JSON or Markdown, checked, duplicates merged."""

import csv
import html
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

from gpt2demo.chat.knowledge import FOLDER, Knowledge, Passage, parse_passage
from gpt2demo.chat.words import read_synonyms
from gpt2demo.errors import BadInput

MOST_PASSAGES = 20_000
MOST_BYTES = 32 * 2**20
LONGEST_TEXT = 8_000  # characters of one answer
TAG = re.compile(r"<(script|style)\b.*?</\1\s*>|<[a-zA-Z/!][^>]*>", re.DOTALL | re.IGNORECASE)
QUESTION_NAMES = ("question", "questions", "title", "asked", "prompt")
ANSWER_NAMES = ("answer", "answers", "text", "response", "content")
TOPIC_NAMES = ("topic", "label", "category", "class", "tag")
WAY_OUT = "It needs a question and an answer for each entry, for instance the columns question and answer."


def read(path: Path) -> Knowledge:
    """A knowledge base from a file; raises `BadInput` with one sentence for whatever is wrong with it."""
    if not path.is_file():
        raise BadInput(f"There is no file {path}.", "Name a CSV, JSON or Markdown file.")
    if path.stat().st_size > MOST_BYTES:
        raise BadInput(f"{path.name} has more than {MOST_BYTES // 2**20} MB.", "Upload a smaller file.")
    return from_bytes(path.read_bytes(), path.name)


def from_bytes(content: bytes, name: str) -> Knowledge:
    """A knowledge base from a file's content, by the ending of its name."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(f"{name} is not UTF-8 text.", "Save it as UTF-8 and try again.") from None
    readers = {".csv": rows_of_csv, ".json": rows_of_json, ".md": rows_of_markdown, ".markdown": rows_of_markdown}
    reader = readers.get(Path(name).suffix.lower())
    if reader is None:
        raise BadInput(f"{name} is none of the kinds that can be read.", "Upload CSV, JSON or Markdown.")
    passages = tuple(merged(reader(text, name), name))
    if not passages:
        raise BadInput(f"{name} holds no entry.", WAY_OUT)
    return Knowledge(passages, read_synonyms(FOLDER / "synonyms.txt"), name)


def merged(rows: Iterator[dict], name: str) -> list[Passage]:
    """Passages from rows; entries with one id and text, or with one question and answer, become one."""
    by_answer: dict[str, Passage] = {}
    ids: dict[str, str] = {}
    for number, row in enumerate(rows, 1):
        if number > 5 * MOST_PASSAGES:
            raise BadInput(f"{name} has more than {5 * MOST_PASSAGES:,} entries.", f"{MOST_PASSAGES:,} can be used.")
        passage = passage_of(row, number, name)
        key = " ".join(passage.text.lower().split())
        known = by_answer.get(key)
        if known:
            asked = tuple(dict.fromkeys((*known.asked, *passage.asked)))
            by_answer[key] = Passage(known.id, known.topic, known.title, known.text, asked)
            continue
        if passage.id in ids:
            raise BadInput(
                f"{name} uses the id {passage.id!r} for two different answers (entry {number}).",
                "Give each its own id.",
            )
        ids[passage.id] = key
        by_answer[key] = passage
    if len(by_answer) > MOST_PASSAGES:
        raise BadInput(
            f"{name} has {len(by_answer):,} different answers, more than the {MOST_PASSAGES:,} that can be used.",
            "Split the file.",
        )
    return list(by_answer.values())


def passage_of(row: dict, number: int, name: str) -> Passage:
    question, text = (clean(row.get(key, "")) for key in ("question", "answer"))
    if not question or not text:
        raise BadInput(f"Entry {number} of {name} has no {'answer' if question else 'question'}.", WAY_OUT)
    asked = tuple(filter(None, map(clean, row.get("asked", ())))) or (question,)
    topic = clean(row.get("topic", "")) or "uploaded"
    return Passage(clean(row.get("id", "")) or f"{number}", topic, question[:200], text[:LONGEST_TEXT], asked)


def clean(text: object) -> str:
    """Text without tags and with single spaces."""
    text = str(text if text is not None else "")
    return " ".join(html.unescape(TAG.sub(" ", text)).replace("\x00", "").split())


def rows_of_csv(text: str, name: str) -> Iterator[dict]:
    csv.field_size_limit(MOST_BYTES)
    try:
        dialect = csv.Sniffer().sniff(text[:4096].splitlines()[0] if text.strip() else "", ",;\t|")
    except csv.Error:
        dialect = csv.excel
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=getattr(dialect, "delimiter", ","))
    columns = {column.strip().lower(): column for column in reader.fieldnames or () if column}
    chosen = named(columns, name)
    try:
        for row in reader:
            yield {key: row.get(column) for key, column in chosen.items()}
    except csv.Error as error:
        raise BadInput(f"{name} breaks off as CSV near line {reader.line_num} ({error}).", WAY_OUT) from error


def named(columns: dict[str, str], name: str) -> dict[str, str]:
    """Which column holds what; raises `BadInput` naming the missing one."""
    chosen = {}
    for key, names in (("question", QUESTION_NAMES), ("answer", ANSWER_NAMES), ("topic", TOPIC_NAMES), ("id", ("id",))):
        found = next((columns[n] for n in names if n in columns), None)
        if found is not None:
            chosen[key] = found
        elif key in ("question", "answer"):
            have = ", ".join(columns.values()) or "none"
            raise BadInput(f"{name} has no column {key} (it has: {have[:200]}).", WAY_OUT)
    return chosen


def rows_of_json(text: str, name: str) -> Iterator[dict]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{name} is no valid JSON.", WAY_OUT) from error
    if isinstance(data, dict):
        data = next((value for value in data.values() if isinstance(value, list)), [data])
    if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
        raise BadInput(f"{name} is not a list of objects.", WAY_OUT)
    for row in data:
        low = {str(key).strip().lower(): key for key in row}
        chosen = named(low, name)
        asked = row.get("asked") if isinstance(row.get("asked"), list) else ()
        yield {key: row[column] for key, column in chosen.items()} | {"asked": asked}


def rows_of_markdown(text: str, name: str) -> Iterator[dict]:
    """One passage with front matter, or headings that are questions with answers below them."""
    if text.startswith("---\n"):
        passage = parse_passage(text, name)
        asked = passage.asked or (passage.title,)
        yield {
            "id": passage.id,
            "topic": passage.topic,
            "question": passage.title,
            "answer": passage.text,
            "asked": asked,
        }
        return
    parts = re.split(r"^#{1,6}[ \t]+(.+?)[ \t#]*$", text, flags=re.MULTILINE)
    if len(parts) < 3:
        raise BadInput(f"{name} has no headings.", "Write each question as a heading and its answer below it.")
    for question, answer in zip(parts[1::2], parts[2::2]):
        if answer.strip():
            yield {"question": question, "answer": answer}
