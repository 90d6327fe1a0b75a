"""The sample stream: invented headlines about invented companies, with two surges of bad news and one of mere volume.

`python -m gpt2demo.monitor.sample assets/streams/headlines.csv` writes it anew. What was planted where stands in `PLANTED`
for the tests; the file itself has a date and a headline a row, and the monitor reads nothing else.
"""

import csv
import datetime as dt
import random
import re
import sys
from functools import cache
from pathlib import Path

FIRST_DAY = dt.date(2026, 8, 3)
DAYS = 84
COMPANIES = """
    Aldermoor, Brightwater, Calder & Sons, Dunmore Group, Eastvale, Fenwick Holdings, Granby, Harrowgate, Inverlea,
    Juniper Works, Kestrel, Lindhurst, Marlow Bay, Norcliffe, Oakfield, Penrose, Quayside, Redfern, Stonebridge, Tarrant
"""
BANKS = ("Halden Bank", "Bank of Orrin", "Meridian Trust", "Castlegate Bank", "Silverlake Savings")

# topic -> (bad news, plain news, good news); {c} and {d} are companies, {b} a bank, {n} a number
NEWS = {
    "earnings": (
        (
            "{c} profit plunges {n} percent as customers stay away",
            "{c} warns of a heavy loss this quarter",
            "{c} cuts its dividend after dismal sales",
            "Shares of {c} tumble as earnings disappoint",
            "{c} slashes its forecast and blames weak demand",
        ),
        (
            "{c} to publish quarterly results on Thursday",
            "{c} revenue unchanged from a year ago",
            "{c} keeps its dividend at the same level",
            "Analysts await earnings from {c} and {d}",
        ),
        (
            "{c} profit jumps {n} percent on strong demand",
            "{c} raises its dividend after a record quarter",
            "Earnings at {c} beat all expectations",
            "{c} lifts its forecast as sales grow rapidly",
            "Shares of {c} soar after excellent results",
        ),
    ),
    "mergers": (
        (
            "{c} takeover of {d} collapses in acrimony",
            "Shareholders of {c} attack the bid for {d} as a disaster",
            "{c} abandons its merger with {d} after heavy losses",
        ),
        (
            "{c} in talks about a merger with {d}",
            "{c} buys a stake of {n} percent in {d}",
            "{c} confirms a takeover bid for {d}",
            "{c} and {d} set a date for their merger vote",
            "{c} to acquire the packaging arm of {d}",
        ),
        (
            "{c} completes its acquisition of {d} and expects strong growth",
            "Investors cheer the merger of {c} and {d}",
            "{c} wins {d} in a successful takeover",
            "Acquisition of {d} gives {c} a great boost",
        ),
    ),
    "monetary policy": (
        (
            "Inflation surge hurts households, central bank admits",
            "Central bank fears a painful recession",
            "Bond yields spike in a brutal sell-off",
        ),
        (
            "Central bank leaves interest rates unchanged",
            "Inflation at {n} percent in the latest report",
            "Central bank to meet again next month",
            "Minutes show a split over interest rates",
        ),
        (
            "Inflation eases and households feel relief",
            "Rate cut lifts the mood of investors",
            "Central bank sees a healthy recovery",
        ),
    ),
    "energy": (
        (
            "{c} oil refinery disaster is worse than feared",
            "Deadly explosion at {c} oil refinery",
            "{c} shuts its gas plant after a deadly fire",
            "Power plant failure at {c} leaves thousands without electricity",
            "Residents furious as {c} gas leak drags on",
            "{c} hit by a damaging pipeline explosion",
            "{c} oil losses worse than feared",
            "{c} refinery shut down again after a deadly accident",
        ),
        (
            "Oil trades flat as traders wait",
            "{c} to present its electricity plan on Monday",
            "{c} to publish its gas report in the spring",
            "{c} plans a wind farm with {n} turbines",
        ),
        (
            "{c} opens a wind farm and celebrates record output",
            "{c} solar project wins praise for its low cost",
            "Households enjoy cheaper gas",
            "{c} finds a rich new gas field",
        ),
    ),
    "technology": (
        (
            "Hackers steal customer records in {c} data breach",
            "{c} software failure angers customers",
            "{c} admits that its app leaked private data",
            "{c} chip flaw is worse than feared",
            "Customers furious as {c} cloud outage drags on",
            "{c} servers crash again, users lose their work",
            "Cyber attack cripples {c}",
            "{c} hit by a damaging cyber theft of passwords",
        ),
        (
            "{c} to move its software to a new cloud",
            "{c} presents an app for small shops",
            "{c} names a new head of chip design",
            "{c} software update due on Monday",
        ),
        (
            "{c} unveils a brilliant new chip",
            "Customers love the new {c} app",
            "{c} software wins an award for ease of use",
            "{c} cloud business grows faster than hoped",
        ),
    ),
    "credit": (
        (
            "{c} close to default as debt mounts",
            "{b} suffers heavy losses on bad loans",
            "Rating of {c} cut to junk",
            "{c} files for bankruptcy and wipes out its owners",
        ),
        (
            "{b} to review its mortgage terms",
            "{c} refinances debt of {n} million",
            "Credit rating of {c} affirmed",
            "{b} reports bank lending in line with last year",
        ),
        (
            "Rating of {c} raised on strong finances",
            "{c} repays its debt early and impresses lenders",
            "{b} loan business thrives",
        ),
    ),
    "regulation": (
        (
            "Regulator fines {c} {n} million for misleading customers",
            "Court finds {c} guilty of fraud",
            "Watchdog accuses {c} of cheating its suppliers",
            "{c} under criminal probe over unsafe goods",
        ),
        (
            "Regulator opens a consultation on labels",
            "Court to hear the {c} lawsuit in March",
            "{c} appoints a head of compliance",
            "Watchdog publishes its yearly report",
        ),
        (
            "Regulator clears {c} of all charges",
            "{c} wins its lawsuit and investors cheer",
            "Court victory is a great relief for {c}",
        ),
    ),
    "employment": (
        (
            "{c} axes {n} hundred jobs in a bitter blow",
            "Strike at {c} turns ugly",
            "Workers at {c} suffer as wages are frozen",
        ),
        (
            "{c} and its union begin wage talks",
            "{c} to move {n} hundred jobs to its new office",
            "Unemployment rate unchanged last month",
        ),
        (
            "{c} creates {n} hundred good jobs",
            "Workers at {c} win a generous wage rise",
            "Hiring at {c} hits a happy record",
        ),
    ),
    "trade": (
        (
            "Tariffs hurt {c} and its exports collapse",
            "Port chaos leaves {c} short of parts",
            "Supply chain trouble costs {c} dearly",
        ),
        (
            "{c} shifts shipping to a northern port",
            "New customs forms from next month",
            "{c} exports level with last year",
        ),
        (
            "{c} exports boom",
            "End of tariffs delights {c}",
            "{c} praises faster shipping",
        ),
    ),
}
USUAL = (0.22, 0.5, 0.28)  # how the news about any topic is mixed on a usual day

# (topic, day, headlines, mix): two surges of bad news, and one day on which there is merely much to say
PLANTED = (
    ("energy", 40, 32, (0.88, 0.12, 0.0)),
    ("technology", 63, 30, (0.87, 0.13, 0.0)),
    ("mergers", 52, 34, (0.1, 0.55, 0.35)),
)


def stream(seed: int = 4) -> list[tuple[str, str]]:
    """(date, headline) in the order of time, no headline twice."""
    rng = random.Random(seed)
    rows, used = [], set()
    for day in range(DAYS):
        plan = [(topic, USUAL) for topic in NEWS for _ in range(rng.choice((0, 1, 1, 1, 2)))]
        plan += [(topic, mix) for topic, planted, many, mix in PLANTED if planted == day for _ in range(many)]
        rng.shuffle(plan)
        for topic, mix in plan:
            text = fresh(rng, topic, mix, used)
            if text:
                rows.append(((FIRST_DAY + dt.timedelta(days=day)).isoformat(), text))
    return rows


def topic_of(text: str) -> str:
    """The topic of the pattern from which a headline of the sample was made."""
    return next(topic for pattern, topic, _ in patterns() if pattern.fullmatch(text))


@cache
def patterns() -> list[tuple[re.Pattern, str, int]]:
    """(pattern, topic, kind 0..2) of every line that the sample is made of."""
    return [
        (re.compile(re.sub(r"\\{[cdbn]\\}", ".+", re.escape(line))), topic, kind)
        for topic, kinds in NEWS.items()
        for kind, lines in enumerate(kinds)
        for line in lines
    ]


def fresh(rng: random.Random, topic: str, mix: tuple[float, ...], used: set[str]) -> str | None:
    """A headline that has not been used yet; None where the patterns give no other."""
    for _ in range(40):
        kind = rng.choices(range(3), mix)[0]
        c, d = rng.sample([name.strip() for name in COMPANIES.split(",")], 2)
        text = rng.choice(NEWS[topic][kind]).format(c=c, d=d, b=rng.choice(BANKS), n=rng.randint(3, 38))
        if text not in used:
            used.add(text)
            return text
    return None


if __name__ == "__main__":
    with Path(sys.argv[1]).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("date", "headline"), *stream()])
