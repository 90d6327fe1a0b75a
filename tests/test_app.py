"""The front door: what it does before Gradio is there."""

import inspect
import socket

import pytest

import app
from gpt2demo.errors import BadInput


def test_a_port_that_is_taken_is_a_sentence_with_a_way_out():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(BadInput, match=rf"127\.0\.0\.1, port {port} .*choose another with --port"):
            app.check_address("127.0.0.1", port)
    app.check_address("127.0.0.1", port)


@pytest.mark.parametrize(("host", "port"), [("no such host", 7860), ("192.0.2.1", 7860), ("127.0.0.1", 99999)])
def test_an_address_that_is_none_or_another_machines_is_a_sentence_too(host, port):
    with pytest.raises(BadInput, match="cannot listen"):
        app.check_address(host, port)


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
