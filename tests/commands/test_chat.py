"""`chat` on the command line: one object on stdout, or one sentence on stderr."""

import json

from gpt2demo.__main__ import main


def test_json_holds_a_turn_for_each_message(capsys):
    assert main(["chat", "--json", "--message", "hello", "--message", "how do I return a lamp?"]) == 0
    turns = json.loads(capsys.readouterr().out)["turns"]
    assert [turn["message"] for turn in turns] == ["hello", "how do I return a lamp?"]
    assert turns[1]["mode"] in ("template", "retrieved") and turns[1]["state"] == "bot"


def test_a_faq_of_ones_own_is_the_knowledge(capsys, tmp_path):
    path = tmp_path / "faq.csv"
    path.write_text("question,answer\nDo you sell oolong tea?,Only on Tuesdays.\nIs there parking?,Behind the barn.\n")
    assert main(["chat", "--json", "--message", "do you sell oolong?", "--knowledge", str(path)]) == 0
    (turn,) = json.loads(capsys.readouterr().out)["turns"]
    assert turn["reply"] == "Only on Tuesdays."


def test_a_faq_that_is_not_there_is_one_sentence(capsys):
    assert main(["chat", "--message", "hello", "--knowledge", "none.csv"]) == 2
    assert "There is no file none.csv" in capsys.readouterr().err
