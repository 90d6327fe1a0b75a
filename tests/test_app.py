"""The front door: what it does before Gradio is there."""

import inspect

import pytest

import app


def test_while_gradio_is_imported_its_own_classes_have_no_file_and_all_others_do():
    ours = type("Part", (), {"__module__": "gradio.parts"})
    before = inspect.getfile
    with app.gradio_without_stubs():
        with pytest.raises(OSError):
            inspect.getfile(ours)
        assert inspect.getfile(pytest.Item) == before(pytest.Item)
    assert inspect.getfile is before


def test_what_fails_meanwhile_leaves_nothing_behind():
    before = inspect.getfile
    with pytest.raises(ImportError), app.gradio_without_stubs():
        raise ImportError
    assert inspect.getfile is before
