"""The model that ships, on the sample that ships."""

import datetime as dt

import pytest

from gpt2demo.monitor import sample
from gpt2demo.monitor.watch import score, view
from gpt2demo.monitor.windows import Scored, length_of
from gpt2demo.services import Services
from gpt2demo.settings import Settings
from tests.monitor.newsroom import headlines, topics


@pytest.fixture(scope="module")
def scored(tmp_path_factory) -> list[Scored]:
    services = Services(Settings(offline=True, state=tmp_path_factory.mktemp("state")))
    return score(headlines(), services.reader().probabilities)


@pytest.mark.parametrize("length", ["6h", "1d"])
def test_both_planted_surges_raise_an_alarm_within_a_day_and_the_busy_day_does_not(length, scored):
    found = [(alarm.topic, alarm.start.date()) for alarm in view(scored, topics(), length_of(length)).alarms]
    assert found == [
        (topic, sample.FIRST_DAY + dt.timedelta(days=on)) for topic, on, _, mix in sample.PLANTED if mix[0] > 0.5
    ]


def test_what_is_not_clear_counts_as_neutral():
    (headline, *_) = headlines()
    assert Scored(headline, (0.5, 0.3, 0.2)).counted == "neutral"
    assert Scored(headline, (0.51, 0.3, 0.19)).counted == "negative"
