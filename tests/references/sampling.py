"""The sampler a second time, token by token in plain Python, from its definition."""

import math


def softmax(logits: list[float]) -> list[float]:
    """exp(x) / sum of exp(x), the sum taken exactly."""
    highest = max(logits)
    weights = [math.exp(x - highest) for x in logits]
    total = math.fsum(weights)
    return [w / total for w in weights]


def stages(logits: list[float], seen: list[int], settings) -> tuple[list[float], list[float], list[float]]:
    """Raw probabilities, those after penalties and temperature, and those after top-k and then top-p."""
    penalised = list(logits)
    for id in set(seen):
        x = penalised[id]
        x = x / settings.repetition_penalty if x > 0 else x * settings.repetition_penalty
        penalised[id] = x - settings.presence_penalty - settings.frequency_penalty * seen.count(id)
    if settings.temperature == 0:
        tempered = [0.0] * len(logits)
        tempered[penalised.index(max(penalised))] = 1.0
    else:
        tempered = softmax([x / settings.temperature for x in penalised])
    return softmax(logits), tempered, cut(tempered, settings.top_k, settings.top_p)


def cut(p: list[float], top_k: int, top_p: float) -> list[float]:
    """Sort, keep the first k, keep of these until their share reaches top_p, share out anew."""
    order = sorted(range(len(p)), key=lambda id: (-p[id], id))
    if top_k:
        order = order[:top_k]
    whole, kept = math.fsum(p[id] for id in order), []
    for id in order:
        kept.append(id)
        if top_p < 1 and math.fsum(p[i] for i in kept) / whole >= top_p - 1e-12:
            break
    total = math.fsum(p[id] for id in kept)
    return [p[id] / total if id in kept else 0.0 for id in range(len(p))]
