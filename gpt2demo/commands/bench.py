"""Measure this machine's speed against the peers that are installed."""

import argparse


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds (default 5)")


def run(arguments: argparse.Namespace) -> None:
    from gpt2demo.bench.torch_speed import report

    report(rounds=arguments.rounds, json_only=arguments.json)
