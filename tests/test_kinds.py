"""What a question asks for, told by its form."""

import pytest

from qa.kinds import LONGEST, kind


@pytest.mark.parametrize(
    ("question", "found", "topic"),
    [
        ("How many articles mention Brenner Coatings?", "count", "Brenner Coatings"),
        ("how many articles are there about the bridge", "count", "the bridge"),
        ("How many articles about the bridge are there?", "count", "the bridge"),
        ("HOW MANY ARTICLES MENTION KELVAR?", "count", "kelvar"),
        ("How many articles mention the US?", "count", "the US"),
        ("In how many articles is Ingrid Solvang mentioned?", "count", "Ingrid Solvang"),
        ("Can you tell me how many stories cover the election in the library?", "count", "the election"),
        ("What is the number of articles mentioning “night shifts”?", "count", "“night shifts”"),
        ("List the articles about the strike", "list", "the strike"),
        ("Which articles mention Tobias Renn?", "list", "Tobias Renn"),
        ("How many articles about the fire were published?", "count", "the fire"),
        ("How many articles appeared about the ferry?", "count", "the ferry"),
        ("How many articles were published?", "count", ""),
        ("How many articles are there in the library?", "count", ""),
        ("How many stories?", "count", ""),
        ("Which articles were published?", "list", ""),
        ("List all articles", "list", ""),
        ("How many articles does the constitution have?", "fact", "How many articles does the constitution have?"),
        ("Show me everything on the strike, please.", "list", "the strike"),
        ("Are there any articles on sea lilies?", "list", "sea lilies"),
        ("In which articles does Renn appear?", "list", "Renn"),
        ("What do the articles say about the Harbour Bridge?", "survey", "the Harbour Bridge"),
        ("Summarise the coverage of the fire", "survey", "the fire"),
        ("Please summarize the articles about the fire.", "survey", "the fire"),
        ("What is reported on the water outage?", "survey", "the water outage"),
        ("How do the papers cover the strike?", "survey", "the strike"),
        ("Give me an overview of the coverage of the strike", "survey", "the strike"),
        ("Compare the damage estimates of the two papers", "compare", "the damage estimates of the two papers"),
        ("What is the difference between the ferry and the bridge?", "compare", "the ferry and the bridge"),
        (
            "Which of the two papers gives a higher damage?",
            "which",
            "Which of the two papers gives a higher damage?",
        ),
        ("What happened?", "news", ""),
        ("what's new", "news", ""),
        ("What was in the news?", "news", ""),
        ("Show me the latest headlines, please", "news", ""),
        (
            "How does the Courier's figure differ from the Gazette's?",
            "compare",
            "the Courier's figure and the Gazette's",
        ),
        ("Where do the articles disagree about the fire?", "compare", "the fire"),
    ],
)
def test_the_form_of_a_question_tells_its_kind_and_its_topic(question: str, found: str, topic: str) -> None:
    assert kind(question) == (found, topic)


@pytest.mark.parametrize(
    "question",
    [
        "How many people died?",
        "How many articles does the constitution have?",
        "How many articles of the treaty mention workers?",
        "How many articles do not mention the bridge?",
        "Which articles of the Free Movement of Workers Regulation set out the primary provisions?",
        "What articles state that powers remain with member states?",
        "Why does the article mention Japan?",
        "What did Article 65 ban?",
        "Which of the following is true about body suits?",
        "How does Lemnos compare in size to other islands in Greece?",
        "What is known about the complexity between L and P?",
        "How many articles mention ?",
    ],
)
def test_a_question_that_only_looks_like_one_of_several_articles_asks_for_a_fact(question: str) -> None:
    assert kind(question) == ("fact", question)


def test_the_form_of_a_very_long_question_is_not_read() -> None:
    long = f"How many articles mention {'? ' * LONGEST}a"
    assert kind(long) == ("fact", long)
