"""Models from the hub, asked of a hub that runs on this machine."""

import json
import os
import subprocess
import sys

import pytest

from gpt2demo.catalogue import ASSETS
from tests.fake_hub import serving

SHIPPED = ASSETS / "models" / "gpt2-mini"

FETCH = """
import json, sys
from gpt2demo import catalogue
said = []
folder = catalogue.locate("gpt2", offline="offline" in sys.argv, progress=lambda share, what: said.append([share, what]))
print(json.dumps({"files": sorted(f.name for f in folder.iterdir()), "said": said}))
"""


@pytest.fixture(scope="module")
def fetched(tmp_path_factory):
    """What a first fetch from the hub gave, and the same asked again offline."""
    home = tmp_path_factory.mktemp("hub-cache")
    with serving(SHIPPED) as endpoint:
        environment = os.environ | {"HF_ENDPOINT": endpoint, "HF_HOME": str(home)}
        first = run(environment)
    return first, run(environment, "offline")


def run(environment, *arguments):
    command = [sys.executable, "-c", FETCH, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_a_hub_model_arrives_with_the_four_files_that_the_engine_reads(fetched):
    assert fetched[0]["files"] == ["config.json", "merges.txt", "model.safetensors", "vocab.json"]


def test_the_page_hears_how_far_the_download_is(fetched):
    shares = [share for share, _ in fetched[0]["said"]]
    size = (SHIPPED / "model.safetensors").stat().st_size / 1e6
    assert shares == sorted(shares)
    assert fetched[0]["said"][-1][1] == f"Fetching gpt2: {size:,.0f} of 548 MB"


def test_what_was_fetched_once_is_there_offline(fetched):
    assert fetched[1]["files"] == fetched[0]["files"]
