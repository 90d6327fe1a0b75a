"""What a running demo owns: engines shared by all, runs that belong to one page load."""

import threading

import pytest

from gpt2demo import services as module
from gpt2demo.errors import BackendUnavailable, ModelNotFound
from gpt2demo.generation.run import from_ids, ids_of
from gpt2demo.generation.sampling import Decoding
from gpt2demo.services import ENGINES_KEPT, MOST_BRANCHES, MOST_VISITORS, Services, Visitor, examples, load_engine
from gpt2demo.settings import Settings
from tests.models import engine_by_chance


@pytest.fixture
def loaded():
    """The names of the models that were loaded, in order."""
    return []


@pytest.fixture
def load(loaded):
    def load(name, settings, progress, **options):
        loaded.append(name)
        if name == "broken":
            raise ModelNotFound("There is no model 'broken'.")
        return engine_by_chance()

    return load


@pytest.fixture
def services(load):
    return Services(Settings(model="usual"), load=load)


def test_an_engine_is_loaded_once_and_shared(services, loaded):
    assert services.engine() is services.engine("usual") is services.engine("")
    assert loaded == ["usual"]


def test_auto_and_the_model_that_it_means_are_one_engine(load, loaded):
    services = Services(Settings(model="auto", offline=True), load=load)
    assert services.engine() is services.engine("gpt2-mini")
    assert loaded == ["gpt2-mini"]


def test_the_adapters_of_a_model_serve_it_on_every_backend(load):
    services = Services(Settings(model="gpt2-mini", offline=True), load=load)
    on_onnx = services.reader("gpt2-mini on onnx-int8")
    assert on_onnx.right == services.reader().right != ""
    assert on_onnx.head == services.reader().head


def test_many_who_ask_at_once_get_one_engine(loaded):
    gate = threading.Event()

    def load(name, settings, progress):
        gate.wait(10)
        loaded.append(name)
        return engine_by_chance()

    services, found = Services(Settings(), load=load), []
    threads = [threading.Thread(target=lambda: found.append(services.engine())) for _ in range(5)]
    for thread in threads:
        thread.start()
    gate.set()
    for thread in threads:
        thread.join(10)
    assert len(loaded) == 1 and len(set(map(id, found))) == 1


def test_the_engine_that_was_used_longest_ago_leaves_first(services, loaded):
    names = [f"model {number}" for number in range(ENGINES_KEPT + 1)]
    for name in names[:-1]:
        services.engine(name)
    services.engine(names[0])
    services.engine(names[-1])
    loaded.clear()
    services.engine(names[0])
    services.engine(names[-1])
    assert loaded == []
    services.engine(names[1])
    assert loaded == [names[1]]


def test_a_model_that_could_not_be_had_may_be_asked_for_again(services, loaded):
    for _ in range(2):
        with pytest.raises(ModelNotFound):
            services.engine("broken")
    assert loaded == ["broken", "broken"]


def test_each_page_load_is_a_visitor_of_its_own(services):
    one, two = services.visitor("a"), services.visitor("b")
    assert one is services.visitor("a") is not two
    assert one.branches is not two.branches and one.shelf is not two.shelf


def test_the_visitor_who_was_away_longest_leaves_first_and_is_stopped(services):
    first = services.visitor("first")
    second = services.visitor("second")
    stopped = [visitor.begin(task) for visitor in (first, second) for task in ("writing", "ranking")]
    services.visitor("first")
    for number in range(MOST_VISITORS - 1):
        services.visitor(str(number))
    assert [is_stopped() for is_stopped in stopped] == [False, False, True, True]
    assert services.visitor("first") is first


def test_a_visitor_who_has_been_away_for_an_hour_is_forgotten(services, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    gone = services.visitor("gone")
    stopped = gone.begin()
    clock[0] = module.VISITOR_TIMEOUT + 1
    services.visitor("another")
    assert stopped()
    assert services.visitor("gone") is not gone


def test_a_new_writing_stops_the_one_before():
    visitor = Visitor()
    first = visitor.begin()
    assert not first()
    second = visitor.begin()
    assert first() and not second()


def test_stopping_one_task_leaves_the_others_at_work():
    visitor = Visitor()
    stopped = {task: visitor.begin(task) for task in ("writing", "ranking", "patching")}
    visitor.stop("ranking")
    visitor.begin("patching")
    assert {task: is_stopped() for task, is_stopped in stopped.items()} == {
        "writing": False,
        "ranking": True,
        "patching": True,
    }


def test_stopping_what_never_began_stops_nothing_later():
    visitor = Visitor()
    visitor.stop("ranking")
    assert not visitor.begin("ranking")()


def test_branches_are_numbered_through_and_the_oldest_leaves_first():
    visitor, branch = Visitor(), from_ids([1], 1, Decoding(), "")
    numbers = [visitor.add(branch, f"model {number}") for number in range(MOST_BRANCHES + 3)]
    assert numbers == list(range(MOST_BRANCHES + 3))
    assert list(visitor.branches) == list(visitor.models) == numbers[3:]
    assert visitor.models[numbers[-1]] == f"model {numbers[-1]}"


def test_onnx_says_how_to_go_on_where_it_is_not_there():
    try:
        load_engine("gpt2-mini", Settings(backend="onnx", offline=True))
    except BackendUnavailable as error:
        assert "torch" in str(error)


def test_the_shipped_model_opens_by_its_name_and_by_auto():
    for name in ("gpt2-mini", "auto"):
        assert load_engine(name, Settings(offline=True)).info.name == "gpt2-mini"


def test_a_folder_is_named_by_its_last_part(tiny):
    assert load_engine(str(tiny), Settings(offline=True)).info.name == tiny.name


def test_six_examples_each_with_a_name_and_a_prompt():
    assert len(examples()) == 6
    for example in examples():
        assert example.keys() == {"name", "prompt"}
        assert example["prompt"].strip()
    assert len({example["name"] for example in examples()}) == 6


def test_the_opening_run_is_finished_and_scored():
    services = Services(Settings(model="gpt2-mini", offline=True))
    branch, shelf = services.opening()
    assert branch.stopped_by is not None and len(branch.prompt_scores) == branch.prompt_length
    assert len(ids_of(branch.leaf)) > branch.prompt_length
    assert services.opening()[1] is shelf


def test_only_what_was_begun_last_may_show_where_it_ended():
    visitor = Visitor()
    first = visitor.begin("reading")
    visitor.begin("writing")
    assert visitor.is_latest("reading", first)
    second = visitor.begin("reading")
    assert first() and not second()
    assert visitor.is_latest("reading", second) and not visitor.is_latest("reading", first)
    visitor.turns_away("reading")
    assert second() and not visitor.is_latest("reading", second)
