"""The choice of a model, on a machine without a network."""

from playwright.sync_api import expect


def test_a_model_that_is_not_here_is_a_sentence_with_a_way_out_and_the_one_that_there_was_goes_on(visitor):
    visitor.opens(prompt="The fox", max_new_tokens=4)
    before = visitor.text
    visitor.unfolds("Model")
    visitor.page.locator("#model").get_by_label("gpt2", exact=True).check()
    expect(visitor.page.locator("#model-notice p")).to_have_text(
        [
            "gpt2 is not on this machine and the demo runs offline."
            " Choose gpt2-mini, which is built in, or try again when the network is back.",
            "gpt2-mini goes on.",
        ]
    )
    expect(visitor.page.locator("#model-notice")).to_be_in_viewport()
    expect(visitor.page.locator("#model").get_by_label("gpt2-mini", exact=True)).to_be_checked()
    assert visitor.text == before
    visitor.generates()
    assert visitor.text == before


def test_every_model_says_what_it_is_and_how_large(visitor):
    visitor.opens(prompt="The fox", max_new_tokens=1)
    visitor.unfolds("Model")
    for words in ("28 M parameters", "548 MB", "gpt2-xl"):
        expect(visitor.page.locator("#models")).to_contain_text(words)
