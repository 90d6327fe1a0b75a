"""From a message to a reply: rules, slots, understanding, then template, passage, own words, a question, or a person.

Every step leaves a line in the turn's `why`. The pipeline is a pure function of its parts: the same parts, conversation
and message give the same turn.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from gpt2demo.chat import slots as slot_finder
from gpt2demo.chat.check import strays, unsupported
from gpt2demo.chat.dialogue import Memory, Source, Turn
from gpt2demo.chat.knowledge import Passage
from gpt2demo.chat.manners import Manners
from gpt2demo.chat.orders import PRODUCTS, Orders, describe
from gpt2demo.chat.understanding import Understanding, Understood
from gpt2demo.chat.words import plain, split
from gpt2demo.errors import BadInput

# Confidence from which on an answer is given, and below which nothing is suggested. On 1,500 messages by two writers of whom
# the classifier knew nothing, 0.65 gives the right answer at once in 92 % and a wrong one in 3 % (0.75: 91 and 2).
SURE, UNSURE = 0.65, 0.25
CHOICES = 3  # of "did you mean"
SURE_OF_A_PART = 0.8  # the same for one of several questions in a message
LONGEST_MESSAGE = 2000  # characters
LIKELY_TOPICS = 2  # of the message as a whole: a question in it on any other topic was misheard
MOST_PARTS = 2  # questions in one message that are answered
YES = re.compile(
    r"^(yes|yeah|yep|yup|sure|correct|right|exactly|ok|okay|please|please do|that one|the first|first|1)\b", re.I
)
NO = re.compile(r"^(no|nope|nah|neither|none|not really|wrong|not that)\b", re.I)
OTHER = re.compile(r"\b(the other|other one|the second|second one|the latter)\b", re.I)
STAFF = r"(person|human|agent|someone|somebody|staff|team|employee|operator|colleague|representative|advisor|manager)"
PERSON = re.compile(
    r"\b(human being|real (person|human)|live (agent|person|chat)|representative)\b"
    r"|\b(talk|speak|chat|connect(ed)?|transfer\w*|put me through|hand me over)( \w+){0,2} (to|with) (\w+ ){0,3}"
    + STAFF
    + r"\b|^(a |an )?(person|agent|human|operator)( please)?\W*$",
    re.I,
)
WHO_IS_IT = re.compile(r"\b(are you|am i (talking|speaking|chatting))\b")
ORDER_TALK = re.compile(
    r"\b(where|status|track|when|arriv\w*|come|coming|deliver\w*|ship\w*|parcel|package|look up|check|order)\b", re.I
)
ORDER_ERRAND = re.compile(
    r"\b(cancel\w*|chang\w*|return\w*|refund\w*|invoice|bill|receipt|wrong|missing|broke\w*|damaged|address|exchange|pay\w*)\b"
)
APART = re.compile(
    r"(?<=[?.!;])\s+|\s+(?:and also|and|also|plus|another thing|besides|by the way|oh and)\s+(?=\w+\s+\w+)", re.I
)
ASKS = re.compile(
    r"\?\s*$|^\W*(who|what|when|where|which|why|how|can|could|do|does|did|is|are|will|would|may|should|please|tell|give|i want"
    r"|i need|i would|i'd)\b",
    re.I,
)
ALL_TOPICS = "orders, delivery, returns, refunds, payment, invoices, your account, warranty, privacy or contact"

Cancelled = Callable[[], bool]
Writer = Callable[[Passage, Sequence[tuple[str, str]], str, Cancelled], Iterator[str]]


@dataclass(frozen=True)
class Parts:
    """What the pipeline works with. `writer` yields a reply as it grows; without one, passages are quoted."""

    understanding: Understanding
    manners: Manners
    orders: Orders | None = None
    writer: Writer | None = None
    people: bool = True  # somebody can take over


def answer(parts: Parts, turns: Sequence[Turn], message: str, cancelled: Cancelled = lambda: False) -> Iterator[Turn]:
    """The turn for a customer's message; yields it as it grows, the last one `done`.

    Raises `BadInput` for an empty message or one over `LONGEST_MESSAGE` characters.
    """
    message = message.strip()
    if not message:
        raise BadInput("There is no message.", "Type a question first.")
    if len(message) > LONGEST_MESSAGE:
        raise BadInput(
            f"The message has {len(message):,} characters; a message may have {LONGEST_MESSAGE:,}.", "Shorten it."
        )
    memory = turns[-1].memory if turns else Memory()
    yield from Reply(parts, turns, message, memory, cancelled).steps()


def converse(parts: Parts, messages: Iterable[str]) -> list[Turn]:
    """The turns of a whole conversation."""
    turns: list[Turn] = []
    for message in messages:
        *_, turn = answer(parts, turns, message)
        turns.append(turn)
    return turns


class Reply:
    """One message on its way through the pipeline."""

    def __init__(self, parts: Parts, turns: Sequence[Turn], message: str, memory: Memory, cancelled: Cancelled):
        self.parts, self.turns, self.message, self.before, self.cancelled = parts, turns, message, memory, cancelled
        self.found = slot_finder.find(message, PRODUCTS)
        self.memory = replace(
            memory,
            state="bot",
            slots=memory.slots | self.found,
            pending=(),
            question="",
            offered=False,
            wants_order=False,
        )
        self.why: list[tuple[str, str]] = []

    def steps(self) -> Iterator[Turn]:
        for step in (self.by_rule, self.by_choice, self.to_person, self.about_order, self.by_sound):
            turn = step()
            if turn:
                yield turn
                return
        yield from self.by_understanding(self.message)

    # steps that may settle it -----------------------------------------------------------------------------------------

    def by_rule(self) -> Turn | None:
        rule = self.parts.manners.rule(self.message)
        if rule is None or self.parts.understanding.harmless(rule, self.message):
            return None
        self.note("rule", f"The message falls under the safety rule “{rule.id}”: a fixed text, and a person if wanted.")
        return self.turn(rule.text, "safety", intent=rule.id, confidence=1.0, offered=True)

    def by_sound(self) -> Turn | None:
        rule = self.parts.understanding.forbidden(self.message)
        if rule is None:
            return None
        self.note(
            "rule", f"It sounds like what the safety rule “{rule.id}” is for: a fixed text, and a person if wanted."
        )
        return self.turn(rule.text, "safety", intent=rule.id, confidence=1.0, offered=True)

    def by_choice(self) -> Turn | None:
        """Yes, no or "the other one" after "did you mean", and yes after the offer of a person."""
        said = plain(self.message)
        if self.before.offered and YES.match(said) and len(split(said)) <= 4:
            return self.hand_over("The customer accepted the offer of a person.")
        if not self.before.pending:
            return None
        passages = [self.parts.understanding.knowledge[id] for id in self.before.pending]
        titles = [plain(p.title) for p in passages]
        chosen = None
        if said in titles:
            chosen = passages[titles.index(said)]
        elif OTHER.search(said) and len(passages) > 1:
            chosen = passages[1]
        elif YES.match(said) and len(split(said)) <= 5:
            chosen = passages[0]
        if chosen:
            self.note("understood", f"The customer chose “{chosen.title}”.")
            return self.from_passage(chosen, 1.0)
        if NO.match(said) and len(split(said)) <= 4:
            return self.not_understood(None)
        return None

    def to_person(self) -> Turn | None:
        said = plain(self.message)
        if (
            not PERSON.search(said)
            or WHO_IS_IT.search(said)
            or not self.parts.understanding.about(self.message, "contact")
        ):
            return None
        return self.hand_over("The customer asked for a person.")

    def about_order(self) -> Turn | None:
        """An order number, or an e-mail address that was asked for: look the order up, for its own address only."""
        slots, orders = self.memory.slots, self.parts.orders
        named = bool(self.found.order or self.found.email)
        follows = self.before.wants_order or bool(ORDER_TALK.search(self.message))
        follows = follows or (bool(self.found.order) and (bool(slots.email) or len(split(self.message)) <= 4))
        if orders is None or not named or not follows or not self.asks_for_status():
            return None
        return self.look_up(slots.order, slots.email)

    def asks_for_status(self) -> bool:
        """Whether the order itself is what the customer asks about, rather than how to cancel, change or return it."""
        if self.before.wants_order:
            return True
        return not ORDER_ERRAND.search(plain(self.message))

    def look_up(self, number: str, email: str) -> Turn:
        source = Source("orders-status", "orders", "Where your order stands")
        if not (number and email):
            missing = "the e-mail address with which it was placed" if number else "its number, which has five digits"
            known = f"order {number}" if number else "your order"
            self.note("slots", f"Known: order {number or 'not yet'}, e-mail {'given' if email else 'not yet'}.")
            reply = f"I can look up {known}. Please tell me {missing} too."
            return self.turn(
                reply, "template", intent="track_order", confidence=1.0, sources=(source,), wants_order=True
            )
        order = self.parts.orders.find(number, email)
        if order is None:
            self.note(
                "order", "No order has this number and this e-mail address together; which one is wrong is not said."
            )
            reply = f"I find no order {number} for that e-mail address. Please check both, or say “a person”."
            return self.turn(
                reply,
                "template",
                intent="track_order",
                confidence=1.0,
                sources=(source,),
                wants_order=True,
                offered=True,
            )
        record = describe(order)
        self.note("order", f"Order {number} was placed with the address named: its record is the source.")
        source = Source("orders-status", "orders", f"Record of order {number}", record)
        return self.turn(record, "template", intent="track_order", confidence=1.0, sources=(source,))

    # understanding ----------------------------------------------------------------------------------------------------

    def by_understanding(self, message: str) -> Iterator[Turn]:
        understood = self.most_telling(message)
        questions = self.questions(message, understood)
        if len(questions) > 1:
            yield self.answers_to(questions)
            return
        self.note("understood", understood.sentence())
        self.note(
            "looked up", "; ".join(f"{h.passage.title} ({h.score:.2f})" for h in understood.hits[:4]) or "nothing"
        )
        best = understood.best
        if best is None or understood.confidence < UNSURE or best.kind == "out_of_scope":
            yield self.not_understood(understood)
        elif best.kind == "rule":
            self.note("rule", f"It reads like the examples of the safety rule “{best.id}”.")
            yield self.turn(best.text, "safety", intent=best.id, confidence=understood.confidence, offered=True)
        elif best.kind == "small_talk":
            self.note("wrote", f"Small talk: the fixed text for “{best.title}”.")
            yield self.turn(best.text, "template", intent=best.id, confidence=understood.confidence)
        elif understood.confidence < SURE and understood.next_topic == "out_of_scope":
            yield self.not_understood(understood)
        elif understood.confidence < SURE:
            yield self.confirm(understood)
        elif best.id == "contact-person":
            yield self.hand_over("The customer asked for a person.")
        elif best.id in ("orders-status", "delivery-tracking") and self.parts.orders and self.memory.slots.order:
            yield self.look_up(self.memory.slots.order, self.memory.slots.email)
        else:
            yield from self.written(understood)

    def most_telling(self, message: str) -> Understood:
        """The message as a whole, or its one question alone where that is understood for surer: the rest tells the story."""
        whole = self.parts.understanding(message)
        pieces = [piece for piece in APART.split(message) if len(split(piece)) > 2]
        asking = [piece for piece in pieces if ASKS.search(piece)]
        if len(pieces) < 2 or len(asking) != 1:
            return whole
        part = self.parts.understanding(asking[0])
        misheard = part.best is None or part.best.topic not in whole.topics[:LIKELY_TOPICS]
        return whole if misheard or part.confidence < whole.confidence else part

    def questions(self, message: str, whole: Understood) -> list[Understood]:
        """The message's questions if it holds several on different passages, each understood for sure by itself."""
        pieces = [piece for piece in APART.split(message) if len(split(piece)) > 2]
        if len(pieces) < 2:
            return [whole]
        likely = whole.topics[:LIKELY_TOPICS]
        parts: dict[str, Understood] = {}
        for understood in map(self.parts.understanding, pieces):
            best = understood.best
            if best and best.kind == "passage" and best.topic in likely and understood.confidence >= SURE_OF_A_PART:
                parts.setdefault(best.topic, understood)
        found = [parts[topic] for topic in likely if topic in parts]
        return found[:MOST_PARTS] if len(found) > 1 else [whole]

    def answers_to(self, questions: Sequence[Understood]) -> Turn:
        """One reply to several questions: each one's template or passage after the other."""
        self.note("understood", f"{len(questions)} questions in one message.")
        turns = [self.from_passage(understood.best, understood.confidence, understood) for understood in questions]
        return replace(
            turns[0],
            reply="\n".join(turn.reply for turn in turns),
            confidence=min(turn.confidence for turn in turns),
            sources=tuple(source for turn in turns for source in turn.sources),
            why=tuple(self.why),
        )

    def written(self, understood: Understood) -> Iterator[Turn]:
        """A template if there is one, else the model's own words if the check lets them pass, else the passage."""
        passage, confidence = understood.best, understood.confidence
        if passage.intent in self.parts.manners.templates or self.parts.writer is None:
            yield self.from_passage(passage, confidence, understood)
            return
        history = [(turn.message, turn.reply) for turn in self.turns]
        sources, shown, text = (self.source(passage, understood),), "", ""
        for text in self.parts.writer(passage, history, self.message, self.cancelled):
            sentences = text[: max(text.rfind(". "), text.rfind("? "), text.rfind("! ")) + 1]
            if len(sentences) > len(shown) and not (
                unsupported(sentences, passage.text) or strays(sentences, passage.text)
            ):
                shown = sentences
                turn = self.turn(shown, "generated", confidence=confidence, sources=sources)
                yield replace(turn, done=False)
        wrong = unsupported(text, passage.text) or ([] if is_sentence(text) else ["no finished sentence"])
        wrong = wrong or (["most of its words"] if strays(text, passage.text) else [])
        if self.cancelled() and shown:
            yield self.turn(shown, "generated", confidence=confidence, sources=sources)
        elif wrong:
            self.note("wrote", f"GPT-2's own words: “{text[:300]}”")
            self.note("checked", f"Not in the source: {', '.join(wrong[:6])}. The passage is quoted instead.")
            yield self.from_passage(passage, confidence, understood)
        else:
            self.note("wrote", "GPT-2's own words, from the passage.")
            self.note("checked", "Every number, name and address is in the passage.")
            yield self.turn(text, "generated", confidence=confidence, sources=sources)

    def from_passage(self, passage: Passage, confidence: float, understood: Understood | None = None) -> Turn:
        """The template that belongs to a passage, or the passage itself."""
        template = self.parts.manners.templates.get(passage.intent)
        text = template.fill(self.memory.slots) if template and passage.id == template.passage else passage.text
        mode = "template" if text != passage.text else "retrieved"
        self.note("wrote", "The template for this intent." if mode == "template" else "The passage, word for word.")
        slots = " ".join(vars(self.memory.slots).values())
        wrong = unsupported(text, f"{passage.text} {slots}")
        self.note(
            "checked", f"Not in the source: {', '.join(wrong)}." if wrong else "Every figure and name is in the source."
        )
        wants = passage.id == "orders-status" and self.parts.orders is not None
        intent = passage.intent or passage.id
        sources = (self.source(passage, understood),)
        return self.turn(text, mode, intent=intent, confidence=confidence, sources=sources, wants_order=wants)

    def confirm(self, understood: Understood) -> Turn:
        close = [hit.passage for hit in understood.hits if hit.passage.kind == "passage"][:CHOICES]
        self.note("wrote", f"Not sure enough to answer ({understood.confidence:.0%} is below {SURE:.0%}): asked first.")
        titles = [f"“{passage.title}”" for passage in close]
        turn = self.turn(
            f"Did you mean {', '.join(titles[:-1])}{' or ' if titles[1:] else ''}{titles[-1]}?",
            "confirm",
            intent=close[0].intent or close[0].id,
            confidence=understood.confidence,
            sources=tuple(self.source(passage, understood) for passage in close),
            options=(*(passage.title for passage in close), "None of these"),
        )
        pending = tuple(passage.id for passage in close)
        return replace(turn, memory=replace(turn.memory, pending=pending, question=self.message))

    def not_understood(self, understood: Understood | None) -> Turn:
        """Ask to say it in other words, and after the second miss in a row offer a person."""
        misses = self.before.misses + 1
        confidence = understood.confidence if understood else 0.0
        beyond = understood and understood.best and understood.best.kind == "out_of_scope"
        self.note("wrote", f"Nothing fits well enough: miss {misses} in a row.")
        if beyond:
            reply = f"{understood.best.text} If it is about one of these, please put it in other words."
        else:
            reply = f"I am not sure that I understand. Please put it in other words: it can be about {ALL_TOPICS}."
        mode, options = "rephrase", ()
        if misses > 1:
            mode, options = "handover", ("Yes, a person please", "No, thank you")
            reply = "I do not have an answer to that. Shall I hand you over to a person?"
        turn = self.turn(
            reply,
            mode,
            intent="out_of_scope" if beyond else "",
            confidence=confidence,
            options=options,
            offered=misses > 1,
        )
        return replace(turn, memory=replace(turn.memory, misses=misses))

    def hand_over(self, reason: str) -> Turn:
        self.note("understood", reason)
        contact = self.parts.understanding.knowledge
        source = tuple(self.source(contact[id]) for id in ("contact-service",) if id in contact)
        if not self.parts.people:
            hours = contact["contact-service"].text if source else "Please use the shop's usual contact."
            reply = f"Nobody can take over in this chat at the moment. {hours}"
            return self.turn(reply, "handover", intent="contact_human_agent", confidence=1.0, sources=source)
        reply = "I hand you over to a person. They see what we have written, so you need not say anything twice."
        turn = self.turn(reply, "handover", intent="contact_human_agent", confidence=1.0)
        return replace(turn, memory=replace(turn.memory, state="waiting"))

    # making turns -----------------------------------------------------------------------------------------------------

    def note(self, step: str, found: str) -> None:
        self.why.append((step, found))

    def source(self, passage: Passage, understood: Understood | None = None) -> Source:
        used = self.parts.understanding.shared_words(self.message, passage) if understood else ()
        return Source(passage.id, passage.topic, passage.title, passage.text, used)

    def turn(
        self,
        reply: str,
        mode: str,
        intent: str = "",
        confidence: float = 0.0,
        sources: tuple[Source, ...] = (),
        options: tuple[str, ...] = (),
        offered: bool = False,
        wants_order: bool = False,
    ) -> Turn:
        memory = replace(self.memory, misses=0, offered=offered, wants_order=wants_order)
        return Turn(self.message, reply, mode, intent, confidence, sources, memory, tuple(self.why), options)


def is_sentence(text: str) -> bool:
    """Whether a text is at least four words and ends as a sentence does."""
    return len(text.split()) > 3 and text.rstrip()[-1:] in ".!?"
