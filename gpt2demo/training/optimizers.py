"""The two optimizers of a run: Muon for the matrices inside the blocks, AdamW for all else."""

import torch
from torch import Tensor, nn

MUON_RATE, ADAMW_RATE = 0.02, 2e-3


class Muon(torch.optim.Optimizer):
    """Momentum whose update is made orthogonal, for matrices (Jordan et al., 2024, kellerjordan.github.io/posts/muon).

    The same update as `torch.optim.Muon`, with two freedoms that it lacks: matrices of one shape go together, and the
    products are in the precision that is fast on this machine (bfloat16 without units for it is far slower).
    """

    def __init__(self, parameters, lr: float, momentum: float, weight_decay: float, precision: torch.dtype):
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})
        self.precision = precision

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            waiting: dict[torch.Size, list[tuple[Tensor, Tensor]]] = {}
            for p in group["params"]:
                buffer = self.state[p].setdefault("momentum", torch.zeros_like(p))
                buffer.lerp_(p.grad, 1 - group["momentum"])
                direction = p.grad.lerp(buffer, group["momentum"]).to(self.precision)
                wide = direction.T if p.shape[0] > p.shape[1] else direction
                waiting.setdefault(wide.shape, []).append((p, wide))
            for rows in waiting.values():
                for (p, _), update in zip(rows, orthogonal(torch.stack([wide for _, wide in rows]))):
                    p.mul_(1 - group["lr"] * group["weight_decay"])
                    update = update.T if p.shape[0] > p.shape[1] else update
                    p.add_(update, alpha=-group["lr"] * max(1, p.shape[0] / p.shape[1]) ** 0.5)


def orthogonal(x: Tensor) -> Tensor:
    """Five Newton-Schulz steps towards the nearest semi-orthogonal matrix: (n, rows, columns), rows <= columns."""
    x = x / x.norm(dim=(-2, -1), keepdim=True).clamp(min=1e-7)
    for _ in range(5):
        square = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(square, square, square, beta=-4.7750, alpha=2.0315), x, beta=3.4445)
    return x


def optimizers(model: nn.Module, precision: torch.dtype) -> list[torch.optim.Optimizer]:
    """Muon and AdamW over the parameters of a GPT-2, with the rates of the shipped run."""
    inside = {name for name, p in model.named_parameters() if name.startswith("h.") and p.dim() == 2}
    matrices = [p for name, p in model.named_parameters() if name in inside]
    others = [p for name, p in model.named_parameters() if name not in inside]
    return [
        Muon(matrices, lr=MUON_RATE, momentum=0.95, weight_decay=0.01, precision=precision),
        torch.optim.AdamW(others, lr=ADAMW_RATE, betas=(0.9, 0.95), weight_decay=0.0, fused=True),
    ]
