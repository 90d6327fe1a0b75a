"""An adapter's page in the hub's format: what it was trained on, on whose terms, how, and how well it does."""

import math
from collections.abc import Mapping

from gpt2demo.training.classify import Trained


def card(
    title: str, model: str, command: str, trained: Trained, sources: Mapping[str, str], notes: str, licence: str
) -> str:
    """The text of the card; `sources` says of each source of texts how many it gave and on what terms."""
    report, recipe, labels = trained.report, trained.report["recipe"], len(trained.head.labels)
    epochs = ", ".join(f"{e['macro_f1']:.3f}" for e in report["epochs"])
    rows = "\n".join(f"| {source} | {what} |" for source, what in sources.items())
    embeddings = " and on the token embeddings" if recipe["embeddings"] else ""
    return f"""---
base_model: {model}
library_name: peft
license: {licence}
pipeline_tag: text-classification
language: [en]
---
# {title}

A LoRA adapter for {model} with a head of {labels} labels. `base.json` names the weights it belongs to by their
SHA-256; the demo refuses it on others. Load it with `peft` onto `GPT2ForSequenceClassification`; the last token of the text
is read, scores are divided by the temperature of `labels.json` before the softmax, and below its threshold the demo would
rather not say.

{notes}

## How it was made
```
{command}
```
LoRA of rank {recipe["rank"]} on every matrix of the upper {recipe["layers"]} blocks{embeddings}, {report["parameters"]:,}
trained parameters, stored as float16. {report["train"]:,} training texts, the first {recipe["tokens"]} tokens of each, at most
{recipe["epochs"]} epochs in batches of {recipe["batch"]}; the held-out texts choose the epoch, the temperature and the
threshold. Held-out macro-F1 after each epoch: {epochs}. Took {report["minutes"]:.1f} minutes.

| source | texts and terms |
| --- | --- |
{rows}

{held_out(trained)}"""


def held_out(trained: Trained) -> str:
    """The card's section on the texts that the training did not see."""
    report, head = trained.report, trained.head
    found = report["held_out_scores"]
    recalls = "\n".join(
        f"| {label} | {'none held out' if math.isnan(recall) else f'{recall:.3f}'} |"
        for label, recall in zip(head.labels, found["recall"])
    )
    return f"""## On the {report["held_out"]:,} held-out texts
They chose the epoch, the temperature and the threshold, so these figures are slightly kind.

| accuracy | macro-F1 | calibration error before | after | temperature | threshold | answered | wrong among those |
| --- | --- | --- | --- | --- | --- | --- | --- |
| {found["accuracy"]:.3f} | {found["macro_f1"]:.3f} | {report["calibration_error_before"]:.3f} \
| {found["calibration_error"]:.3f} | {head.temperature:.2f} | {head.threshold:.2f} | {report["coverage"]:.1%} \
| {report["risk"]:.1%} |

| label | recall |
| --- | --- |
{recalls}
"""
