"""What a classifier has to beat: a word list, a bag of words, and always the same answer. Each texts -> (n, labels)."""

from collections.abc import Callable, Sequence

import numpy as np

from gpt2demo.classify.labelled import Row

Predict = Callable[[Sequence[str]], np.ndarray]
VADER_NEUTRAL = 0.05  # its authors' bounds: a compound score within them is neutral (Hutto and Gilbert, 2014)


def vader() -> Predict:
    """VADER's word list, for (negative, neutral, positive). Its compound score is no probability: calibration says nothing."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()

    def predict(texts: Sequence[str]) -> np.ndarray:
        compound = np.array([analyzer.polarity_scores(text)["compound"] for text in texts])
        scores = np.stack([-compound, np.full(len(compound), VADER_NEUTRAL), compound], 1)
        return np.exp(scores) / np.exp(scores).sum(1, keepdims=True)

    return predict


def bag_of_words(rows: Sequence[Row], labels: Sequence[str]) -> Predict:
    """Logistic regression on TF-IDF of words and pairs of words, trained on these rows, labels weighted alike."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2 if len(rows) > 1000 else 1)
    model = make_pipeline(words, LogisticRegression(C=10, max_iter=1000, class_weight="balanced"))
    model.fit([text for text, _ in rows], [label for _, label in rows])
    places = [list(model.classes_).index(label) for label in labels]
    return lambda texts: model.predict_proba(list(texts))[:, places]


def majority(truth: np.ndarray, labels: int) -> Predict:
    """The label that the judged texts themselves have most often."""
    always = np.eye(labels)[np.bincount(truth, minlength=labels).argmax()]
    return lambda texts: np.tile(always, (len(texts), 1))
