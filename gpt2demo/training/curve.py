"""The loss of a run as a picture (SVG), from its log."""

import json
from pathlib import Path

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 720, 360, 56, 48, 40, 16
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #4a4a4a } .title { font-size: 15px; fill: #1a1a1a }
.grid { stroke: #00000018 } .loss { fill: none; stroke: #2458a6; stroke-width: 1.8 }
.bits { fill: none; stroke: #c8641e; stroke-width: 1.8 } .bits-dot { fill: #c8641e }
rect { fill: #fdfcf9 }
@media (prefers-color-scheme: dark) {
  rect { fill: #14181f } text { fill: #b8bcc4 } .title { fill: #eceef2 } .grid { stroke: #ffffff1c }
  .loss { stroke: #7fb0f5 } .bits { stroke: #f0a060 } .bits-dot { fill: #f0a060 } }
"""


def read_log(path: Path) -> list[dict]:
    """The rows of a run's log; a last line that a crash cut short is left out."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            rows.append(json.loads(line))
        except ValueError:
            continue
    return rows


def draw(log: Path, picture: Path) -> None:
    """Draw the training loss (nats a token) and the held-out bits per byte over millions of tokens."""
    rows = read_log(log)
    losses = [(row["tokens"], row["average"]) for row in rows if "average" in row]
    bits = [(row["tokens"], row["mean"]) for row in rows if "mean" in row]
    if len(losses) > 1:
        picture.write_text(svg(losses, bits), encoding="utf-8")


def svg(losses: list[tuple[int, float]], bits: list[tuple[int, float]]) -> str:
    """The picture; both curves share the axes, each is named in the legend."""
    points = losses + bits
    low_x, high_x = min(t for t, _ in points), max(t for t, _ in points)
    high_y = max(y for _, y in points)

    def place(tokens: float, y: float) -> tuple[float, float]:
        across = (tokens - low_x) / max(1, high_x - low_x)
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - y / high_y * (HEIGHT - BOTTOM - TOP)

    def line(points: list[tuple[int, float]], name: str) -> str:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*p) for p in points))
        return f'<polyline class="{name}" points="{path}"/>'

    parts = [line(losses, "loss"), line(bits, "bits")]
    parts += ['<circle class="bits-dot" r="3" cx="{:.1f}" cy="{:.1f}"/>'.format(*place(*p)) for p in bits]
    for y in range(int(high_y) + 1):
        at = place(low_x, y)[1]
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{y}</text>')
    for share in (0, 0.25, 0.5, 0.75, 1):
        tokens = low_x + share * (high_x - low_x)
        x = place(tokens, 0)[0]
        anchor = "end" if share == 1 else "middle"
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - 26}" text-anchor="{anchor}">{tokens / 1e6:.3g}</text>')
    words = f'<text x="{LEFT}" y="24" class="title">Loss over the run</text>' + legend(bool(bits))
    words += f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 8}" text-anchor="end">million tokens seen</text>'
    frame = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
    title = "Loss over the run: training loss and held-out bits per byte"
    backdrop = f'<rect width="{WIDTH}" height="{HEIGHT}"/>'
    return f'{frame} aria-label="{title}"><style>{STYLE}</style>{backdrop}{"".join(parts)}{words}</svg>\n'


def legend(with_bits: bool) -> str:
    """What the two colours mean, at the upper right."""
    entries = [("loss", "training loss, nats a token")]
    entries += [("bits", "held-out text, bits per byte")] if with_bits else []
    rows = []
    for i, (name, words) in enumerate(entries):
        x = WIDTH - RIGHT - 230 * (len(entries) - i)
        rows.append(f'<line class="{name}" x1="{x}" x2="{x + 24}" y1="20" y2="20"/>')
        rows.append(f'<text x="{x + 32}" y="24">{words}</text>')
    return "".join(rows)
