"""BertViz in a frame of its own: which of its views, of what, and where the document lies."""

EMPTY: dict = {"ids": [], "key": "", "view": "head"}


def view(
    ids: list[int],
    model: str,
    name: str,
    key: str,
    shown: int,
    layers: range,
    all_layers: int,
    place: tuple[int, int],
) -> dict:
    """What the script draws; `shown` of the tokens and these of the model's layers are in the document named `key`."""
    return {
        "ids": ids,
        "model": model,
        "view": name,
        "key": key,
        "sentence": sentence(len(ids), shown, layers, all_layers, place if name != "model" else None),
    }


def sentence(tokens: int, shown: int, layers: range, all_layers: int, place: tuple[int, int] | None) -> str:
    """In words: how much of it is shown, and why not more."""
    everything = shown == tokens and len(layers) == all_layers
    which = f"layer {layers[0]}" if len(layers) == 1 else f"layers {layers[0]} to {layers[-1]}"
    which = "all layers" if len(layers) == all_layers else f"{which} of {all_layers}"
    text = (
        f"{shown} {'token' if shown == 1 else 'tokens'}" if shown == tokens else f"the first {shown} of {tokens} tokens"
    )
    why = "" if everything else " That is as much as BertViz draws in a few seconds."
    opened = f", opened at layer {place[0]}, head {place[1]}" if place else ""
    return f"BertViz, with our numbers: {text}, {which}{opened}.{why}"
