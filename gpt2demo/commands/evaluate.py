"""Measure a model: every number that the project publishes."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from gpt2demo import settings
from gpt2demo.commands import evaluate_agnews, evaluate_all, evaluate_labels, evaluate_robustness, flags
from gpt2demo.engine.contract import Engine, Ids
from gpt2demo.services import load_engine


def add_flags(parser: argparse.ArgumentParser) -> None:
    measures = parser.add_subparsers(dest="what", required=True)
    loops = measures.add_parser("loops", help="how often its texts end in a loop")
    loops.add_argument("--count", type=int, default=200, help="how many continuations (default 200)")
    loops.set_defaults(measure=measure_loops)
    chat = measures.add_parser("chat", help="how well the customer service answers questions that were written blind")
    chat.add_argument("--confusions", action="store_true", help="also count which topics were taken for which")
    chat.add_argument(
        "--development", action="store_true", help="the questions on which it was tuned, not the blind ones"
    )
    chat.add_argument("--own-words", action="store_true", help="let GPT-2 write where there is no template (slow)")
    chat.add_argument("--most", type=int, metavar="N", help="only the first N conversations")
    chat.set_defaults(measure=measure_chat)
    language = measures.add_parser(
        "lm", help="how well it foresees text: bits per byte, perplexity, WikiText-2, LAMBADA"
    )
    language.add_argument("--only", choices=("sources", "wikitext2", "lambada"), help="one of the three (default: all)")
    language.add_argument(
        "--most",
        type=int,
        default=0,
        metavar="N",
        help="tokens of a text, passages of LAMBADA (default: all; 20,000 of a source)",
    )
    language.set_defaults(measure=measure_language)
    int8 = measures.add_parser("int8", help="what 8-bit numbers cost: perplexity and same top token, against float32")
    int8.add_argument("--windows", type=int, default=8, help="windows of 256 tokens from each source (default 8)")
    int8.set_defaults(measure=measure_int8)
    heads = measures.add_parser(
        "heads", help="what each attention head is worth, and the model without 10, 25 and 50 %% of them"
    )
    heads.add_argument("--rounds", type=int, default=5, help="rounds in which the pruned models write (default 5)")
    heads.add_argument("--again", action="store_true", help="rank the heads although these weights have a ranking")
    heads.set_defaults(measure=measure_heads)
    faq = measures.add_parser("faq", help="how fast a bank's FAQ loads and whether other words find its answers")
    faq.set_defaults(measure=measure_faq)
    own = [module.add_measure(measures) for module in (evaluate_robustness, evaluate_agnews, evaluate_all)]
    labelled = (*evaluate_labels.add_measures(measures), *own)
    for measure in (loops, chat, faq, language, int8, heads, *labelled):
        measure.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="one JSON object on stdout")
        flags.add_data(measure)
        flags.add_model(measure)


def run(arguments: argparse.Namespace) -> None:
    arguments.measure(arguments)


def measure_loops(arguments: argparse.Namespace) -> None:
    from gpt2demo.evaluation.loops import measure

    for tally in measure(flags.open_engine(arguments), flags.data_folder(arguments), arguments.count):
        print(f"\r{tally['loops']} of {tally['continuations']} texts loop", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    print(json.dumps(tally) if arguments.json else "\n".join(tally["texts"]))


def measure_chat(arguments: argparse.Namespace) -> None:
    from gpt2demo.evaluation import chat

    arguments.knowledge = None
    questions = chat.DEVELOPMENT if arguments.development else chat.QUESTIONS
    graded = list(chat.grade(flags.chat_parts(arguments), arguments.most, questions))
    found = chat.totals(graded) | ({"confusions": chat.confusions(graded)} if arguments.confusions else {})
    print(json.dumps(found) if arguments.json else json.dumps(found, indent=1))


def measure_language(arguments: argparse.Namespace) -> None:
    from gpt2demo.evaluation.language import PROTOCOL, PUBLISHED, held_out_sources, lambada, wikitext2

    engine, data, most = flags.open_engine(arguments), flags.data_folder(arguments), max(0, arguments.most)
    found: dict = {"model": engine.info.name, "backend": engine.info.backend, "sha256": engine.info.sha256}
    if arguments.only in (None, "sources"):
        rows = list(watched("source", held_out_sources(engine, data, most or 20_000)))
        found["sources"] = {row.pop("name"): row for row in rows}
        found["mean_bits_per_byte"] = sum(row["bits_per_byte"] for row in rows) / len(rows)
    for name, measure in (("wikitext2", wikitext2), ("lambada", lambada)):
        if arguments.only in (None, name):
            for tally in watched(name, measure(engine, data, most)):
                found[name] = tally
    found |= {"published": PUBLISHED, "protocol": PROTOCOL}
    print(json.dumps(found) if arguments.json else language_table(found))


def watched(name: str, tallies: Iterable[dict]) -> Iterator[dict]:
    """The tallies, with a counter on stderr."""
    from tqdm import tqdm

    return iter(tqdm(tallies, desc=name, unit="", file=sys.stderr))


def language_table(found: dict) -> str:
    """The numbers of `eval lm` for a reader."""
    lines = [f"{'':14} {'bits per byte':>14} {'perplexity':>11} {'tokens':>8}"] if "sources" in found else []
    for name, row in found.get("sources", {}).items():
        lines.append(f"{name:14} {row['bits_per_byte']:14.4f} {row['perplexity']:11.2f} {row['tokens']:8,}")
    if "sources" in found:
        lines.append(f"{'mean':14} {found['mean_bits_per_byte']:14.4f}")
    published = found["published"]
    if row := found.get("wikitext2"):
        lines.append(f"WikiText-2: {row['word_perplexity']:.2f} a word, {row['perplexity']:.2f} a token,")
        lines[-1] += f" {row['bits_per_byte']:.4f} bits per byte (published, gpt2: {published['wikitext2_perplexity']})"
    if row := found.get("lambada"):
        lines.append(f"LAMBADA: {row['accuracy']:.2%} right, perplexity {row['perplexity']:.2f} (published, gpt2:")
        lines[-1] += f" {published['lambada_accuracy']:.2%}, {published['lambada_perplexity']})"
    return "\n".join(lines)


def measure_heads(arguments: argparse.Namespace) -> None:
    """Rank the heads on a window of each source, once for these weights, and measure without some on the windows after."""
    from gpt2demo import catalogue
    from gpt2demo.bench.report import table
    from gpt2demo.engine.checkpoint import sha256, weights_file
    from gpt2demo.engine.pruning import ranking
    from gpt2demo.engine.tokenizer import Tokenizer
    from gpt2demo.evaluation.int8 import windows
    from gpt2demo.evaluation.pruning import HEAD, cells, compare

    told = settings.combine(vars(arguments))
    folder, each = catalogue.locate(catalogue.resolve(told.model, False, told.offline), told.offline), 5
    texts = windows(flags.data_folder(arguments), Tokenizer(folder), 128, each)
    found = None if arguments.again else ranking(folder, sha256(weights_file(folder)))
    if found is None:
        found = rank_heads(folder, texts[::each])

    def open_pruned(count: int) -> Engine:
        return load_engine(str(folder), replace(told, backend="onnx", prune_heads=count, public=False))

    rest = [text for i, text in enumerate(texts) if i % each]
    rows = list(compare(open_pruned, found.size, rest, arguments.rounds))
    if arguments.json:
        print(json.dumps({"model": folder.name, "tokens": sum(map(len, rest)), "pruned": rows}))
        return
    print(table(HEAD, [cells(row) for row in rows]))


def rank_heads(folder: Path, texts: Sequence[Ids]) -> np.ndarray:
    """Switch every head off in turn and keep the ranking beside the weights; minutes on a small model."""
    from gpt2demo.engine.pruning import RANKING
    from gpt2demo.engine.torch_engine import TorchEngine
    from gpt2demo.evaluation.pruning import record, rises

    engine = TorchEngine(folder, folder.name)
    for whole, found in rises(engine.model, texts):
        done = int(np.isfinite(found).all(1).sum())
        print(f"\r{done} of {engine.info.layers} layers switched off head by head", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    kept = record(engine.info.sha256, whole, found, sum(map(len, texts)), folder)
    (folder / RANKING).write_text(json.dumps(kept) + "\n", encoding="utf-8")
    return found


def measure_int8(arguments: argparse.Namespace) -> None:
    from gpt2demo.evaluation.int8 import compare, windows

    told = settings.combine(vars(arguments))
    exact, rough = (load_engine(told.model, replace(told, backend=backend)) for backend in ("onnx", "onnx-int8"))
    texts = windows(flags.data_folder(arguments), exact.tokenizer, 256, arguments.windows)
    for tally in compare(exact, rough, texts):
        print(
            f"\r{tally['positions']:,} positions, {tally['rise_percent']:+.2f} %", end="", file=sys.stderr, flush=True
        )
    print(file=sys.stderr)
    if arguments.json:
        print(json.dumps({"model": exact.info.name, "sha256": exact.info.sha256} | tally))
        return
    print(f"perplexity {tally['perplexity_float32']:.2f} in float32, {tally['perplexity_int8']:.2f} in int8", end=" ")
    print(f"({tally['rise_percent']:+.2f} %) over {tally['positions']:,} positions;", end=" ")
    print(f"the same top token at {tally['same_top_token']:.1%}")


def measure_faq(arguments: argparse.Namespace) -> None:
    from gpt2demo.evaluation import faq

    found = faq.measure(flags.data_folder(arguments))
    print(json.dumps(found) if arguments.json else json.dumps(found, indent=1))
