"""What can go wrong for a visitor, each as one sentence that names the cause and, where there is one, the way out."""


class DemoError(Exception):
    """An error that a visitor can understand: shown as it stands on the page, the command line and the endpoints."""

    def __init__(self, sentence: str, way_out: str = ""):
        super().__init__(f"{sentence} {way_out}".strip())
        self.sentence = sentence
        self.way_out = way_out


class BadInput(DemoError):
    """A value that cannot be used as it is."""


class ModelNotFound(DemoError):
    """No model of that name or at that place."""


class ModelBroken(DemoError):
    """A model folder that cannot be loaded: files missing, cut short, or of another kind."""


class HubUnreachable(DemoError):
    """The model hub did not answer, or the demo runs offline."""


class BackendUnavailable(DemoError):
    """An engine, or a part of one, that this installation or this model does not have."""


class ContextFull(DemoError):
    """A text longer than the model can read at once."""


class Busy(DemoError):
    """More visitors at work than the demo takes at a time."""
