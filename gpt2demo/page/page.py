"""Puts the page together: routes first, then the public page at the root."""

import gradio as gr
from fastapi import FastAPI

from gpt2demo.page import agent, endpoints, kept, opinion_endpoints, theme
from gpt2demo.page.attention import Attention
from gpt2demo.page.chat import Chat
from gpt2demo.page.engine import EngineTab
from gpt2demo.page.monitor import Monitor
from gpt2demo.page.parts import css, head, part
from gpt2demo.page.parts.status import EMPTY as NO_STATUS
from gpt2demo.page.playground import Playground
from gpt2demo.page.sentiment import Sentiment
from gpt2demo.services import Services

TITLE = "GPT-2, thinking out loud"
TABS = (Playground, Attention, Sentiment, Monitor, Chat, EngineTab)  # in the order of a tour
AT_ONCE = 16  # generations under way; the scheduler gives them turns and refuses more
MOST_QUEUED = 64
FOOT = (
    "Everything on this page is computed here, by the model named above: nothing is sent anywhere else."
    " For programs: [the endpoints](?view=api) `/generate`, `/next_token`, `/attention`, `/sentiment`, `/sentiment_batch`,"
    " `/monitor` and `/chat`."
)


def build(services: Services) -> FastAPI:
    """The application that serves the page for these services."""
    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True) as blocks:
        status = part("status", NO_STATUS, "status")
        made = {}
        with gr.Tabs(elem_id="tabs", overflow_behavior="wrap") as tabs:
            for tab in TABS:
                with gr.Tab(tab.title, id=tab.title):
                    made[tab] = tab(services, status)
        looked_into = [*made[Sentiment].opinions, made[Chat].chat]
        made[Attention].follow(made[Playground], tabs, looked_into)
        made[Playground].follow(tabs, looked_into)
        made[Sentiment].follow(made[Playground].model)
        made[Monitor].follow(made[Playground].model)
        made[EngineTab].follow(made[Playground])
        endpoints.add(services)
        opinion_endpoints.add(services)
        gr.Markdown(FOOT, elem_id="foot")
    blocks.queue(max_size=MOST_QUEUED, default_concurrency_limit=AT_ONCE)
    application = FastAPI(title=TITLE)
    kept.add(application, services)
    look = {
        "theme": theme.theme(),
        "css": css(),
        "head": head(),
        "footer_links": [],
        "run_history": False,
        "ssr_mode": False,
        "show_error": False,
    }
    if services.settings.agent_password:  # before the root, which would swallow its address
        guard = (agent.NAME, services.settings.agent_password)
        gr.mount_gradio_app(application, agent.build(services), path=agent.PATH, auth=guard, **look)
    return gr.mount_gradio_app(application, blocks, path="/", **look)
