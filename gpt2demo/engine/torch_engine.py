"""The PyTorch engine: runs `gpt2.py` with a memory of what was read, one text or several at a time."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gpt2demo.engine import gpt2
from gpt2demo.engine.adapter import deltas
from gpt2demo.engine.checkpoint import read_config, sha256, weights_file
from gpt2demo.engine.contract import Ids, Step, check_room, model_info
from gpt2demo.engine.past import Budget, Chain, now, roomy
from gpt2demo.engine.tokenizer import Tokenizer
from gpt2demo.engine.torch_microscope import TorchMicroscope
from gpt2demo.errors import BackendUnavailable, ModelBroken

MOST_TEXTS = 16  # that one call of `steps` reads at once
# Rows for which oneDNN is asked to lay out its weights. For a single row it would keep them as they are, and a product of
# several rows would be slow and would differ in its last bits; in blocks each row is summed the same way in any company.
PACKED_FOR = 64
LOGITS_AT_ONCE = 64  # positions whose logits are computed together: 64 x 50,257 float32 are 13 MB


class Cache:
    """The keys and values of one growing text, shared by all pasts that stand on it: (1, heads, capacity, d) a layer."""

    def __init__(self, config: gpt2.Config, capacity: int, like: Tensor):
        shape = (config.layers, 1, config.heads, capacity, config.width // config.heads)
        self.keys: tuple[Tensor, ...] | None = like.new_empty(shape).unbind()
        self.values: tuple[Tensor, ...] | None = like.new_empty(shape).unbind()
        self.capacity = capacity
        self.written = 0  # tokens that somebody has claimed; whoever stands here may write on in place
        self.lock = threading.Lock()
        self.touch()

    def touch(self) -> None:
        self.used = now()

    def claim(self, start: int, length: int) -> bool:
        """Reserve the room for tokens start..start+length; false if it is taken, full or dropped."""
        with self.lock:
            free = self.keys is not None and self.written == start and start + length <= self.capacity
            if free:
                self.written = start + length
                self.touch()
            return free

    def drop(self) -> None:
        with self.lock:
            self.keys = self.values = None

    @property
    def size(self) -> int:
        keys = self.keys
        return 0 if keys is None else 2 * sum(layer.nbytes for layer in keys)


@dataclass(frozen=True, eq=False)
class TorchPast(Chain):
    """A chain of chunks and the cache in which their keys and values stand."""

    cache: Cache


@dataclass(frozen=True)
class Row:
    """One text of a batch: its new tokens are rows `first`..`last` of the packed matrix and follow `start` old ones."""

    first: int
    last: int
    start: int
    cache: Cache | None
    keys: tuple[Tensor, ...] | None = None  # held here, so that dropping the cache meanwhile takes nothing away
    values: tuple[Tensor, ...] | None = None


class PackedLinear(nn.Module):
    """A `Linear` whose weights oneDNN keeps in blocks: the same product, about twice as fast for a single token."""

    def __init__(self, linear: nn.Linear):
        super().__init__()
        self.inputs = linear.in_features
        self.weight = torch.ops.mkldnn._reorder_linear_weight(linear.weight.detach(), PACKED_FOR)
        self.bias = linear.bias

    def forward(self, x: Tensor) -> Tensor:
        if x.requires_grad:
            return PackedProduct.apply(x, self.weight, self.bias)
        return torch.ops.mkldnn._linear_pointwise(x, self.weight, self.bias, "none", [], "")


class PackedProduct(torch.autograd.Function):
    """The packed product with the gradient towards its input, which oneDNN's operator does not know."""

    @staticmethod
    def forward(ctx, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        ctx.weight = weight
        return torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None, None]:
        return gradient @ ctx.weight.to_dense(), None, None


def pack(model: gpt2.GPT2) -> None:
    """Replace every `Linear` of a model on the CPU by its packed twin, where oneDNN is there and this processor suits it."""
    bfloat16 = model.wte.weight.dtype == torch.bfloat16
    if not torch.backends.mkldnn.is_available() or (bfloat16 and not torch.ops.mkldnn._is_mkldnn_bf16_supported()):
        return
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.Linear):
                setattr(module, name, PackedLinear(child))


@torch.inference_mode()
def keeps_rows_apart(model: gpt2.GPT2) -> bool:
    """Whether each row of a product has the same bits alone as among up to `MOST_TEXTS`, on this processor."""
    block = model.h[0]
    for linear in (block.attn.c_attn, block.attn.c_proj, block.mlp.c_fc, block.mlp.c_proj, model.lm_head):
        if not isinstance(linear, PackedLinear):
            return False
        x = torch.randn(
            MOST_TEXTS, linear.inputs, dtype=linear.weight.dtype, generator=torch.Generator().manual_seed(0)
        )
        alone = torch.cat([linear(row) for row in x.split(1)])
        if not all(torch.equal(linear(x[:rows]), alone[:rows]) for rows in range(2, MOST_TEXTS + 1)):
            return False
    return True


class TorchEngine:
    """GPT-2 in PyTorch behind the engine contract.

    Several texts are packed into one matrix (tokens, width), so that the weights are read once for all of them; only
    attention goes text by text, over that text's own cache. Nothing is padded, so lengths may differ freely.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        dtype: str = "float32",
        device: str = "cpu",
        cache_bytes: int = 2**30,
        adapter: Path | None = None,
    ):
        """Load the model in `folder`, an adapter's folder merged into it; `dtype` is float32, bfloat16 or float16 (CUDA).

        Raises `ModelBroken` for a damaged folder, `BackendUnavailable` for a device that is not there.
        """
        if device == "cuda" and not torch.cuda.is_available():
            raise BackendUnavailable("This machine has no CUDA device.", "Use the CPU.")
        if dtype == "float16" and device == "cpu":
            raise BackendUnavailable("float16 needs a GPU.", "Use bfloat16 on a CPU.")
        if dtype == "bfloat16" and device == "cpu" and not torch.ops.mkldnn._is_mkldnn_bf16_supported():
            raise BackendUnavailable("This processor has no instructions for bfloat16.", "Use --backend torch.")
        config, weights = read_config(folder), weights_file(folder)
        self.tokenizer = Tokenizer(folder)
        if self.tokenizer.size > config.vocabulary:
            raise ModelBroken(
                f"{folder}: the tokenizer has {self.tokenizer.size} tokens, the model {config.vocabulary}."
            )
        fingerprint = sha256(weights)
        model = gpt2.load(config, weights)
        if adapter:
            gpt2.merge(model, deltas(adapter, fingerprint))
        parameters = sum(p.numel() for p in model.parameters())
        self.model = model.to(device=device, dtype=getattr(torch, dtype))
        if device == "cpu":
            pack(self.model)
        self.info = model_info(
            config,
            name=name,
            parameters=parameters,
            backend="torch" if dtype == "float32" else f"torch-{dtype}",
            device=device,
            dtype=dtype,
            sha256=fingerprint,
            together=MOST_TEXTS if keeps_rows_apart(self.model) else 1,
            megabytes=parameters * getattr(torch, dtype).itemsize / 1e6,
        )
        self.microscope = TorchMicroscope(self.model, self.info)
        self.caches = Budget(cache_bytes)

    def start(self, ids: Ids) -> Step:
        return self._read([(None, ids)])[0]

    def step(self, past: TorchPast, ids: Ids) -> Step:
        return self._read([(past, ids)])[0]

    def steps(self, batch: Sequence[tuple[TorchPast, Ids]]) -> list[Step]:
        return self._read(batch)

    @torch.inference_mode()
    def logits(self, ids: Ids, positions: Sequence[int]) -> np.ndarray:
        stream = self._hidden([ids])[list(positions)]
        return np.concatenate([self._unembed(part) for part in stream.split(LOGITS_AT_ONCE)])

    @torch.inference_mode()
    def last_hidden(self, batch: Sequence[Ids]) -> np.ndarray:
        ends = np.cumsum([len(ids) for ids in batch]) - 1
        return self.model.ln_f(self._hidden(batch)[ends]).float().numpy(force=True)

    @torch.inference_mode()
    def attention(self, ids: Ids, layers: Sequence[int]) -> np.ndarray:
        recorded = {}

        def attend(layer: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
            if layer not in layers:
                return gpt2.causal_attention(layer, q, k, v)
            weights = attention_weights(q, k)
            recorded[layer] = weights.numpy(force=True)
            return (weights @ v.transpose(0, 1).float()).transpose(0, 1).to(v.dtype)

        for _, _ in zip(self._stream(ids, attend), range(max(layers) + 2)):
            pass  # the blocks above the last layer that was asked for need not run
        return np.stack([recorded[layer] for layer in layers])

    def _stream(self, ids: Ids, attend: gpt2.Attend):
        check_room(self.info, len(ids))
        tokens = torch.tensor(ids, device=self.info.device)
        return self.model.stream(tokens, torch.arange(len(ids), device=self.info.device), attend)

    def _hidden(self, batch: Sequence[Ids]) -> Tensor:
        """The stream after the last block of several texts, one after the other, without leaving a cache: (tokens, width)."""
        rows, first = [], 0
        for ids in batch:
            check_room(self.info, len(ids))
            rows.append(Row(first, first + len(ids), 0, None))
            first += len(ids)
        return self._forward(rows, [id for ids in batch for id in ids])

    @torch.inference_mode()
    def _read(self, batch: Sequence[tuple[TorchPast | None, Ids]]) -> list[Step]:
        rows, first = [], 0
        for past, ids in batch:
            if not len(ids):
                raise ValueError("a step needs at least one token")
            start = 0 if past is None else past.length
            check_room(self.info, start + len(ids))
            rows.append(self._row(past, start, first, len(ids)))
            first += len(ids)
        stream = self._forward(rows, [id for _, ids in batch for id in ids])
        logits = self._unembed(stream[[row.last - 1 for row in rows]])
        return [
            Step(logits[i], TorchPast(past, tuple(ids), row.start + len(ids), row.cache))
            for i, ((past, ids), row) in enumerate(zip(batch, rows))
        ]

    def _forward(self, rows: list[Row], ids: list[int]) -> Tensor:
        """Run the blocks over the new tokens of all rows, packed: (tokens, width)."""
        device = self.info.device
        positions = torch.cat([torch.arange(row.start, row.start + row.last - row.first) for row in rows])

        def attend(layer: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
            if len(rows) == 1:
                return attend_row(rows[0], layer, q, k, v)
            parts = [[x[row.first : row.last] for x in (q, k, v)] for row in rows]
            return torch.cat([attend_row(row, layer, *part) for row, part in zip(rows, parts)])

        return self.model.hidden(torch.tensor(ids, device=device), positions.to(device), attend)

    def _unembed(self, stream: Tensor) -> np.ndarray:
        return self.model.lm_head(self.model.ln_f(stream)).float().numpy(force=True)

    def _row(self, past: TorchPast | None, start: int, first: int, length: int) -> Row:
        """Find room for new tokens after a past: at the end of its cache, or in a copy if somebody wrote on from there."""
        if past is None or not past.cache.claim(start, length):
            cache = self._allocate(start + length)
            if past is not None:
                self._copy(past, cache)
            cache.written = start + length
        else:
            cache = past.cache
        keys, values = cache.keys, cache.values
        if keys is None:  # dropped between the claim and here: one more try, with a copy
            return self._row(past, start, first, length)
        return Row(first, first + length, start, cache, keys, values)

    def _allocate(self, length: int) -> Cache:
        cache = Cache(self.model.config, roomy(length, self.info.positions), self.model.wte.weight)
        self.caches.enter(cache)
        return cache

    def _copy(self, past: TorchPast, into: Cache) -> None:
        keys, values = past.cache.keys, past.cache.values
        if keys is None:
            keys, values = self._rebuild(past)
        for old, new in zip((*keys, *values), (*into.keys, *into.values)):
            new[:, :, : past.length] = old[:, :, : past.length]

    def _rebuild(self, past: TorchPast) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        """Read a dropped past again, chunk by chunk as the first time, so that every number comes out the same."""
        cache = Cache(self.model.config, past.length, self.model.wte.weight)
        start = 0
        for chunk in past.chunks:
            row = Row(0, len(chunk), start, cache, cache.keys, cache.values)
            self._forward([row], list(chunk))
            start += len(chunk)
        return cache.keys, cache.values


def attend_row(row: Row, layer: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Attention of one text's new tokens (n, heads, d) over its old ones and themselves."""
    if row.cache is None:
        return gpt2.causal_attention(layer, q, k, v)
    n, end = q.shape[0], row.start + q.shape[0]
    q, k, v = (x.transpose(0, 1)[None] for x in (q, k, v))  # (1, heads, n, d)
    keys, values = row.keys[layer][:, :, :end], row.values[layer][:, :, :end]
    keys[:, :, row.start :] = k
    values[:, :, row.start :] = v
    mask = None
    if n > 1 and row.start > 0:  # new token i sees every old token and the new ones up to itself
        mask = torch.ones(n, end, dtype=torch.bool, device=q.device).tril(row.start)
    mixed = F.scaled_dot_product_attention(q, keys, values, attn_mask=mask, is_causal=n > 1 and row.start == 0)
    return mixed[0].transpose(0, 1)


def attention_weights(q: Tensor, k: Tensor) -> Tensor:
    """softmax(q k^T / sqrt(d)) under the causal mask, float32: (n, heads, d) twice -> (heads, n, n)."""
    q, k = (x.transpose(0, 1).float() for x in (q, k))
    scores = q @ k.mT / q.shape[-1] ** 0.5
    later = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu(1)
    return scores.masked_fill(later, float("-inf")).softmax(-1)
