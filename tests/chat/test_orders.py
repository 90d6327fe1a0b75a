"""An order is spoken of only to whoever names the e-mail address with which it was placed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2demo.chat.orders import COUNT, FIRST, Orders, describe
from gpt2demo.chat.slots import Slots, find, mask

TODAY = date(2026, 11, 25)


def test_number_and_email_together_find_an_order_and_its_record_is_told(shop, talk):
    turns = talk(shop, "where is my order 10432?", "it is Ada.Finch@example.com")
    assert "e-mail" in turns[0].reply and "10432" in turns[0].reply
    assert "10432" in turns[1].reply and turns[1].sources[0].id == "orders-status"
    assert turns[1].reply == turns[1].sources[0].text


@pytest.mark.parametrize("email", ["ben.okoro@example.com", "nobody@example.com", "ada.finch@example.com' or '1'='1"])
def test_somebody_elses_order_stays_secret(email, shop, talk):
    turns = talk(shop, "Where is order 10432?", email)
    shown = describe(Orders().find("10432", "ada.finch@example.com"))
    assert all(item not in turns[1].reply for item in (shown, "lamp", "2026"))


def test_a_wrong_number_and_a_wrong_email_get_the_same_words(shop, talk):
    wrong_email = talk(shop, "status of order 10432, ben.okoro@example.com")[0].reply
    no_such_order = talk(shop, "status of order 99999, ada.finch@example.com")[0].reply
    assert wrong_email.replace("10432", "N") == no_such_order.replace("99999", "N")


def test_a_corrected_number_takes_the_place_of_the_first(shop, talk):
    turns = talk(shop, "where is my order 10431, ada.finch@example.com", "sorry, 10432")
    assert "no order 10431" in turns[0].reply
    assert turns[1].reply.startswith("Order 10432")


def test_every_sample_order_can_be_described():
    orders = Orders(TODAY)
    database = orders._database
    for number, email in database.execute("select number, email from orders").fetchall():
        assert describe(orders.find(number, email)).startswith(f"Order {number} of ")
    assert database.execute("select count(*) from orders").fetchone() == (COUNT,)


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_text_finds_an_order_that_is_not_its_own(number, email):
    assert ORDERS.find(number, email) is None


ORDERS = Orders(TODAY)


@pytest.mark.parametrize(
    ("message", "slots"),
    [
        ("my order 10432 please", Slots(order="10432")),
        ("Order no. 123 from ADA@Example.com.", Slots(order="123", email="ada@example.com")),
        ("#10433, not 10432 or rather 10434", Slots(order="10434")),
        ("I paid €10432 yesterday", Slots(date="yesterday")),
        ("the Harbour lamp of 3 May", Slots(product="Harbour lamp", date="3 May")),
        ("call 01632960155", Slots()),
    ],
)
def test_slots_are_found(message, slots):
    assert find(message, ("Harbour lamp",)) == slots


def test_logs_hide_personal_data():
    said = mask("I am ada@example.com, card 4111 1111 1111 1111, phone +44 1632 960155, order 10432")
    assert said == "I am [e-mail], card [card], phone [number], order [number]"


def test_sample_numbers_are_five_digits():
    assert FIRST >= 10000 and FIRST + COUNT <= 99999
