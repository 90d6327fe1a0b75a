"""Teach a GPT-2 to label texts: LoRA on its blocks and a linear head, with `peft` on the `transformers` classes.

Where only the upper blocks learn, every text goes through those below once, before the first epoch; what they make of it
is kept, and each epoch begins there. Where the token embeddings learn too, each epoch begins with the tokens. Padding
stands at the end of a text, where a causal model never looks from the tokens that count; the last real token is the one
that is read. Nothing here depends on the padding token that GPT-2 does not have.
"""

import copy
import json
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from tqdm import tqdm

from gpt2demo import classify
from gpt2demo.classify import measure
from gpt2demo.classify.labelled import Row
from gpt2demo.engine.adapter import BASE, CONFIG, WEIGHTS
from gpt2demo.engine.checkpoint import read_config, sha256, weights_file
from gpt2demo.engine.tokenizer import Tokenizer
from gpt2demo.errors import BadInput
from gpt2demo.training.recipe import Recipe

POOL = 16  # batches that are sorted by length together, so that little is padding
WARM_UP = 0.06  # of all steps


@dataclass(frozen=True, eq=False)
class Texts:
    """Tokenized texts and the index of each one's label.

    A text is what the frozen blocks make of it, (n, width) float16, or its ids (n,) if the embeddings learn.
    """

    streams: list[np.ndarray]
    truth: np.ndarray

    def __len__(self) -> int:
        return len(self.streams)


@dataclass(frozen=True, eq=False)
class Trained:
    """The outcome: a `peft` model in memory, its head, and what was measured on the held-out texts."""

    model: nn.Module
    head: classify.Head
    report: dict


def train(base: Path, rows: Sequence[Row], held_out: Sequence[Row], labels: Sequence[str], recipe: Recipe) -> Trained:
    """Train on `rows`, choose the epoch, the temperature and the threshold on `held_out`; progress goes to stderr.

    Raises `BadInput` if there is nothing to train on, `ModelBroken` for a folder that holds no GPT-2.
    """
    if not rows or not held_out:
        raise BadInput("There are too few texts to train on.", "Give each label at least two.")
    torch.manual_seed(recipe.seed)
    model = build(base, len(labels), recipe)
    frozen = 0 if recipe.embeddings else max(0, len(blocks(model)) - recipe.layers)
    tokenizer = Tokenizer(base)
    data = read(model, tokenizer, rows, labels, recipe, frozen, "reading the training texts")
    check = read(model, tokenizer, held_out, labels, recipe, frozen, "reading the held-out texts")
    history = fit(model, data, check, recipe, frozen)
    logits = score_all(model, check, recipe, frozen)
    head, report = calibrate(model, logits, check.truth, labels)
    parameters = sum(p.numel() for p in model.parameters() if p.requires_grad)
    counts = {"train": len(rows), "held_out": len(held_out), "parameters": parameters}
    return Trained(model, head, {"recipe": asdict(recipe), **counts, "epochs": history, **report})


def build(base: Path, labels: int, recipe: Recipe) -> nn.Module:
    """`GPT2ForSequenceClassification` with fresh LoRA matrices and a fresh head, in float32."""
    from peft import LoraConfig, get_peft_model
    from transformers import GPT2ForSequenceClassification
    from transformers.utils import logging

    config, _ = read_config(base), weights_file(base)
    logging.set_verbosity_error()  # it would warn that the head is new
    logging.disable_progress_bar()
    model = GPT2ForSequenceClassification.from_pretrained(
        base,
        num_labels=labels,
        dtype=torch.float32,
        activation_function="gelu_pytorch_tanh",  # the same function in one operator
    )
    lora = LoraConfig(
        task_type="SEQ_CLS",
        r=recipe.rank,
        lora_alpha=2 * recipe.rank,
        lora_dropout=recipe.dropout,
        target_modules=targets(config.layers, recipe),
        fan_in_fan_out=True,  # GPT-2 stores its matrices as (in, out)
        modules_to_save=["score"],
    )
    return get_peft_model(model, lora)


def targets(layers: int, recipe: Recipe) -> str:
    """A pattern for the modules that learn: every matrix of the upper blocks and, if asked for, the token embeddings."""
    upper = "|".join(str(layer) for layer in range(max(0, layers - recipe.layers), layers))
    matrices = rf"h\.({upper})\.(attn|mlp)\.(c_attn|c_proj|c_fc)"
    return rf"transformer\.({matrices}|wte)" if recipe.embeddings else rf"transformer\.{matrices}"


def gpt2(model: nn.Module) -> nn.Module:
    """The `transformers` model inside the `peft` one."""
    return model.base_model.model


def blocks(model: nn.Module) -> nn.ModuleList:
    return gpt2(model).transformer.h


@torch.no_grad()
def read(
    model: nn.Module,
    tokenizer: Tokenizer,
    rows: Sequence[Row],
    labels: Sequence[str],
    recipe: Recipe,
    frozen: int,
    what: str,
) -> Texts:
    """Run texts through the embeddings and the blocks that stay as they are."""
    model.eval()
    room = min(recipe.tokens, gpt2(model).config.n_positions)
    ids = [(tokenizer.encode(text) or [tokenizer.end])[:room] for text, _ in rows]
    streams: list[np.ndarray] = [np.empty(0)] * len(ids)
    place = {label: i for i, label in enumerate(labels)}
    truth = np.array([place[label] for _, label in rows])
    if recipe.embeddings:
        return Texts([np.array(one) for one in ids], truth)
    order = np.argsort([len(one) for one in ids], kind="stable")
    for chosen in tqdm(np.array_split(order, -(-len(ids) // 64)), desc=what, unit="batch", leave=False):
        tokens = nn.utils.rnn.pad_sequence([torch.tensor(ids[i]) for i in chosen], batch_first=True)
        x = embed(model, tokens)
        for block in blocks(model)[:frozen]:
            x = block(x)
        for i, stream in zip(chosen, x):
            streams[i] = stream[: len(ids[i])].numpy().astype(np.float16)
    return Texts(streams, truth)


def embed(model: nn.Module, tokens: Tensor) -> Tensor:
    """The residual stream that the first block reads, (texts, n, width)."""
    body = gpt2(model).transformer
    return body.wte(tokens) + body.wpe(torch.arange(tokens.shape[1]))


def scores(model: nn.Module, streams: Sequence[np.ndarray], recipe: Recipe, frozen: int) -> Tensor:
    """The blocks above, the final norm and the head on the last token of each text: (texts, labels)."""
    x = nn.utils.rnn.pad_sequence([torch.from_numpy(stream) for stream in streams], batch_first=True)
    x = embed(model, x) if recipe.embeddings else x.float()
    body = gpt2(model).transformer
    for block in body.h[frozen:]:
        x = block(x)
    last = x[torch.arange(len(x)), torch.tensor([len(stream) - 1 for stream in streams])]
    return gpt2(model).score(F.dropout(body.ln_f(last), recipe.dropout, model.training))


def batches(texts: Texts, size: int, generator: np.random.Generator) -> Iterator[np.ndarray]:
    """All texts in a new order, those of like length together, and the batches in a new order again."""
    order = generator.permutation(len(texts))
    found = []
    for pool in np.array_split(order, -(-len(order) // (size * POOL))):
        pool = pool[np.argsort([len(texts.streams[i]) for i in pool], kind="stable")]
        found += np.array_split(pool, -(-len(pool) // size))
    return iter([found[i] for i in generator.permutation(len(found))])


def fit(model: nn.Module, data: Texts, check: Texts, recipe: Recipe, frozen: int) -> list[dict]:
    """Train in place and leave the model as it was after its best epoch; returns what each epoch measured."""
    weights = label_weights(data.truth, recipe.balance)
    learned = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(learned, lr=recipe.rate, weight_decay=recipe.weight_decay)
    steps = recipe.epochs * sum(1 for _ in batches(data, recipe.batch, np.random.default_rng(0)))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate_at(step, steps))
    history, best, best_f1 = [], None, -math.inf
    bar = tqdm(total=steps, desc="training", unit="step")
    for epoch in range(recipe.epochs):
        model.train()
        losses = []
        generator = np.random.default_rng((recipe.seed, epoch))
        for chosen in batches(data, recipe.batch, generator):
            streams = [thinned(data.streams[i], recipe.token_dropout, generator) for i in chosen]
            logits = scores(model, streams, recipe, frozen)
            loss = F.cross_entropy(logits, torch.from_numpy(data.truth[chosen]), weights)
            loss.backward()
            nn.utils.clip_grad_norm_(learned, 1.0)
            optimizer.step()
            optimizer.zero_grad()
            schedule.step()
            losses.append(loss.item())
            bar.update()
            bar.set_postfix(loss=f"{np.mean(losses[-50:]):.3f}", refresh=False)
        found = measure.scores(softmax(score_all(model, check, recipe, frozen)), check.truth)
        history.append({"loss": float(np.mean(losses)), "accuracy": found.accuracy, "macro_f1": found.macro_f1})
        bar.write(
            f"epoch {epoch + 1}: loss {history[-1]['loss']:.3f}, held-out macro-F1 {found.macro_f1:.3f}",
            file=sys.stderr,
        )
        if found.macro_f1 > best_f1:
            best_f1, best = found.macro_f1, copy.deepcopy([p.detach() for p in learned])
        elif epoch - int(np.argmax([h["macro_f1"] for h in history])) >= recipe.patience:
            break
    bar.close()
    with torch.no_grad():
        for parameter, value in zip(learned, best):
            parameter.copy_(value)
    return history


def thinned(stream: np.ndarray, share: float, generator: np.random.Generator) -> np.ndarray:
    """A text without some of its tokens; one that would lose all of them stays whole."""
    if not share:
        return stream
    kept = stream[generator.random(len(stream)) >= share]
    return kept if len(kept) else stream


def rate_at(step: int, steps: int) -> float:
    """A short warm-up, then a straight line down to zero; as a share of the highest rate."""
    warm = max(1, round(WARM_UP * steps))
    return min((step + 1) / warm, (steps - step) / max(1, steps - warm))


def label_weights(truth: np.ndarray, balance: float) -> Tensor:
    """A weight for each label, 1 on average over the texts."""
    share = np.bincount(truth) / len(truth)
    weights = share**-balance
    return torch.tensor(weights / (weights * share).sum(), dtype=torch.float32)


@torch.no_grad()
def score_all(model: nn.Module, texts: Texts, recipe: Recipe, frozen: int) -> np.ndarray:
    """The head's scores for all texts, (n, labels) float64."""
    model.eval()
    order = np.argsort([len(stream) for stream in texts.streams], kind="stable")
    found = np.concatenate(
        [
            scores(model, [texts.streams[i] for i in chosen], recipe, frozen).double().numpy()
            for chosen in np.array_split(order, -(-len(order) // 64))
        ]
    )
    return found[np.argsort(order)]


def calibrate(
    model: nn.Module, logits: np.ndarray, truth: np.ndarray, labels: Sequence[str]
) -> tuple[classify.Head, dict]:
    """Choose temperature and threshold on the held-out texts; returns the head and what they give there."""
    temperature = measure.best_temperature(logits, truth)
    before, after = softmax(logits), softmax(logits / temperature)
    threshold, coverage, risk = measure.abstain_threshold(after, truth)
    weight = gpt2(model).score.weight.detach().numpy().astype(np.float64)
    report = {
        "held_out_scores": asdict(measure.scores(after, truth)),
        "temperature": temperature,
        "calibration_error_before": measure.calibration_error(before, truth),
        "threshold": threshold,
        "coverage": coverage,
        "risk": risk,
    }
    return classify.Head(tuple(labels), weight, temperature, threshold), report


def softmax(logits: np.ndarray) -> np.ndarray:
    return np.exp(measure.log_softmax(logits))


def save(trained: Trained, base: Path, name: str, folder: Path, card: str) -> None:
    """Write the adapter in the `peft` format, float16, with what `peft` has no place for, and its card."""
    from safetensors.torch import load_file, save_file

    folder.mkdir(parents=True, exist_ok=True)
    trained.model.peft_config["default"].base_model_name_or_path = name
    trained.model.save_pretrained(folder, save_embedding_layers=False)
    tensors = load_file(folder / WEIGHTS)
    save_file({n: t.half().contiguous() for n, t in tensors.items()}, folder / WEIGHTS, {"format": "pt"})
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    (folder / CONFIG).write_text(json.dumps(config, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    told = {"name": name, "sha256": sha256(weights_file(base))}
    (folder / BASE).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    classify.save(trained.head, folder)
    (folder / "training.json").write_text(json.dumps(trained.report, indent=1) + "\n", encoding="utf-8")
    (folder / "README.md").write_text(card, encoding="utf-8")
