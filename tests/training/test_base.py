"""The pretraining recipe on a corpus of a few kilobytes."""

import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch

from gpt2demo.__main__ import main
from gpt2demo.engine.checkpoint import Config
from gpt2demo.errors import BadInput, Busy
from gpt2demo.training import base, corpus, state
from gpt2demo.training.optimizers import Muon
from tests.models import TALE

WORDS = sorted({word for line in TALE for word in line.lower().split()})
SMALL = Config(vocabulary=300, positions=64, width=32, layers=2, heads=2, inner=128)
RECIPE = base.Recipe(tokens=4096, batch=4, accumulate=2, length=32, validate_every=10**9)  # 16 steps of 256 tokens


@pytest.fixture(scope="module")
def text(tmp_path_factory) -> Path:
    """A folder of two small sources of the same few words."""
    folder, draw = tmp_path_factory.mktemp("corpus"), random.Random(0)
    for name in ("river", "heron"):
        documents = [" ".join(draw.choices(WORDS, k=60)) for _ in range(80)]
        (folder / f"{name}.txt").write_text("\n<|endoftext|>\n".join(documents))
    return folder


@pytest.fixture(scope="module")
def packed(text, tmp_path_factory) -> tuple[Path, Path]:
    """A tokenizer of 300 tokens, and the corpus packed with it."""
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("packed")
    corpus.train_tokenizer(text, 300, folder / "tokenizer")
    assert list(corpus.pack(text, folder / "tokenizer", folder / "packed")) == ["heron", "river"]
    return folder / "tokenizer", folder / "packed"


@pytest.fixture
def start(packed, tmp_path):
    """`start(state, recipe)` trains in the test's own folder and returns the rows of the log."""
    tokenizer, ids = packed

    def run(begun: state.State, recipe: base.Recipe = RECIPE, steps: int | None = None, folder="run") -> list[dict]:
        mix, rows = corpus.open_mix(ids, None, recipe.length, recipe.batch), []
        place, held_out = begun.place, corpus.held_out(ids)

        def stopped() -> bool:
            return steps is not None and place.step >= steps

        for row in base.train(begun, recipe, mix, held_out, tmp_path / folder, tokenizer, stopped):
            rows.append(row)
        return rows

    return run


def new() -> state.State:
    return state.fresh(SMALL, 0, torch.float32)


def losses(rows: list[dict]) -> list[float]:
    return [row["loss"] for row in rows if "loss" in row]


def command(*arguments: object) -> int:
    shape = {
        "layers": 1,
        "heads": 1,
        "width": 16,
        "positions": 32,
        "length": 16,
        "batch": 2,
        "accumulate": 1,
        "threads": 1,
    }
    return main(["train", "base", *map(str, arguments), *(f"--{name}={value}" for name, value in shape.items())])


def test_the_command_makes_a_tokenizer_learns_and_leaves_a_model_that_the_demo_opens(text, tmp_path, capsys):
    run = tmp_path / "run"
    assert command(run, "--corpus", text, "--vocabulary", 300, "--tokens", 3200, "--decay", 1600, "--json") == 0
    last = json.loads(capsys.readouterr().out)
    assert last["tokens"] == 3200 and set(last["bits_per_byte"]) == {"heron", "river"}
    assert main(["generate", "the fox", "--model", str(run / "model"), "--max-new-tokens", "3", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["prompt"] == "the fox"
    assert (run / "loss.svg").read_text().startswith("<svg")


def test_the_loss_falls_below_what_knowing_only_how_often_each_word_comes_would_give(start):
    before, *_, after = losses(start(new(), base.Recipe(tokens=100 * 256, batch=4, accumulate=2, length=32)))
    assert before == pytest.approx(np.log(300), abs=0.1)
    assert after < np.log(len(WORDS)) + 0.1  # words in any order


def test_a_killed_run_goes_on_to_the_same_losses_as_an_uninterrupted_one(start, tmp_path):
    whole = losses(start(new(), folder="whole"))
    first = losses(start(new(), steps=7, folder="killed"))
    resumed = base.resume(tmp_path / "killed", RECIPE, torch.float32)
    assert resumed.place.step == 7
    assert first + losses(start(resumed, folder="killed")) == whole
    log = [json.loads(line) for line in (tmp_path / "killed" / "log.jsonl").read_text().splitlines()]
    assert losses(log) == whole


def test_a_finished_run_can_be_prolonged_from_before_its_rate_fell(start, tmp_path):
    start(new(), base.Recipe(**{**vars(RECIPE), "decay": 1024}))
    longer = base.Recipe(**{**vars(RECIPE), "tokens": 8192})
    prolonged = base.resume(tmp_path / "run", longer, torch.float32)
    assert prolonged.place.tokens == 4096 - 1024 and not prolonged.place.decaying
    constant = start(new(), longer, folder="constant")
    assert losses(start(prolonged, longer)) == losses(constant)[-20:]


def test_the_export_is_the_model_as_transformers_computes_it(start, tmp_path):
    from transformers import AutoTokenizer, GPT2LMHeadModel

    begun = new()
    start(begun)
    ids = torch.tensor([[5, 60, 7, 280, 9, 31]])
    theirs = GPT2LMHeadModel.from_pretrained(tmp_path / "run" / "model", dtype=torch.float32)(ids).logits
    torch.testing.assert_close(theirs, begun.model(ids), atol=2e-3, rtol=0)  # float16 weights lie between
    assert AutoTokenizer.from_pretrained(tmp_path / "run" / "model")("the fox").input_ids


def test_the_first_trainers_state_is_taken_over_with_its_optimizers(start, tmp_path):
    begun = new()
    start(begun, steps=3)
    theirs = {ours: name for name, ours in ((n, state.renamed(n)) for n in first_names())}
    parameters = {theirs[name]: p for name, p in begun.model.named_parameters()}
    matrices = [n for n in first_names() if n.startswith("h.") and parameters[n].dim() == 2]
    others = [n for n in first_names() if n not in matrices]
    kept = [
        {"state": {i: o.state[parameters[n]] for i, n in enumerate(group)}, "param_groups": []}
        for group, o in zip((matrices, others), begun.optimizers)
    ]
    place = {"step": 3, "tokens": 768, "seconds": 1.0, "base_lr": [[0.02], [0.002]]}
    torch.save(
        {"model": {n: parameters[n].data for n in first_names()}, "opts": kept, "state": place}, tmp_path / "last.pt"
    )
    taken = state.take_over(tmp_path / "last.pt", SMALL, torch.float32)
    assert losses(start(taken, folder="taken")) == losses(start(begun, folder="ours"))


def first_names() -> list[str]:
    """The parameters of the small model in the first trainer's order and names."""
    block = [f"{n}.{part}" for n in ("ln_1", "ln_2") for part in ("weight", "bias")]
    block += [f"{n}.{part}" for n in ("c_attn", "c_proj", "c_fc", "c_out") for part in ("weight", "bias")]
    blocks = [f"h.{layer}.{name}" for layer in range(SMALL.layers) for name in block]
    return ["wte.weight", "wpe.weight", *blocks, "ln_f.weight", "ln_f.bias"]


@pytest.mark.parametrize("shape", [(8, 24), (24, 8), (16, 16)])
def test_muon_takes_the_steps_of_torchs_own(shape):
    ours, theirs = (torch.nn.Parameter(torch.randn(shape, generator=torch.manual_seed(1))) for _ in range(2))
    options = {"lr": 0.02, "momentum": 0.95, "weight_decay": 0.1}
    both = Muon([ours], **options, precision=torch.bfloat16), torch.optim.Muon([theirs], **options)
    for step in range(3):
        ours.grad = theirs.grad = torch.randn(shape, generator=torch.manual_seed(step))
        for optimizer in both:
            optimizer.step()
    torch.testing.assert_close(ours, theirs, atol=1e-3, rtol=0)


@pytest.mark.parametrize("room", [0, 100_000])
def test_a_full_disk_leaves_the_previous_checkpoint_and_says_so_in_one_sentence(start, tmp_path, room):
    resource = pytest.importorskip("resource")
    begun = new()
    start(begun, steps=2)
    path = tmp_path / "run" / "last.pt"
    before, limits = path.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))  # as a full disk does, it ends a write half way
    try:
        with pytest.raises(BadInput, match=r"last.pt could not be written .* The one before it is whole"):
            state.save(path, begun)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert len(before) > room and path.read_bytes() == before and not list(path.parent.glob("*.part"))


def test_two_trainers_do_not_work_in_one_folder(start, tmp_path):
    (tmp_path / "run").mkdir()
    with base.alone(tmp_path / "run"), pytest.raises(Busy):
        start(new())


def test_a_loss_that_is_no_number_stops_the_run_before_it_is_saved(start, tmp_path):
    begun = new()
    with torch.no_grad():
        begun.model.ln_f.weight.fill_(float("nan"))
    with pytest.raises(BadInput, match="diverged"):
        start(begun)
    assert not (tmp_path / "run" / "last.pt").exists()


@pytest.mark.parametrize(
    ("files", "flags", "sentence"),
    [
        ({}, [], "There are no .txt or .txt.zst files"),
        ({"a.txt": b""}, [], "fewer than one batch"),
        ({"a.txt": b"the fox"}, [], "fewer than one batch"),
        ({"a.txt": b"\xff\xfe the fox"}, [], "is not UTF-8"),
        ({"a.txt.zst": b"the fox"}, [], "cannot be unpacked"),
        ({"a.txt": b"the fox " * 400, "b.txt": b"the fox"}, [], "source b has"),
        ({"a.txt": b"the fox " * 400}, ["--decay", "100"], "--decay is a part of --tokens"),
        ({"a.txt": b"the fox " * 400}, ["--resume"], "holds no checkpoint"),
    ],
)
def test_what_cannot_be_trained_on_is_named_in_one_sentence(files, flags, sentence, tmp_path, capsys, packed):
    (tmp_path / "text").mkdir()
    for name, content in files.items():
        (tmp_path / "text" / name).write_bytes(content)
    flags = [*flags, "--tokenizer", packed[0]]
    assert command(tmp_path / "run", "--corpus", tmp_path / "text", *flags) == 2
    assert sentence in capsys.readouterr().err


def test_weights_are_refused_for_a_source_that_is_not_there(packed, tmp_path):
    (tmp_path / "weights.json").write_text('{"otter": 2}')
    with pytest.raises(BadInput, match="otter, which is no source"):
        corpus.open_mix(packed[1], tmp_path / "weights.json", 32, 4)


def test_the_mix_draws_each_source_by_its_weight_and_the_same_batch_for_the_same_seed(packed, tmp_path):
    (tmp_path / "weights.json").write_text('{"heron": 3}')
    mix = corpus.open_mix(packed[1], tmp_path / "weights.json", 32, 4)
    heron, river = (len(ids) for ids in mix.ids.values())
    assert mix.shares[0] == pytest.approx(3 * heron / (3 * heron + river))
    assert (mix.batch(4, 32, 0, 5, 1) == mix.batch(4, 32, 0, 5, 1)).all()
    assert not (mix.batch(4, 32, 0, 5, 1) == mix.batch(4, 32, 0, 5, 0)).all()
