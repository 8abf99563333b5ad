"""Which texts say that the writer is fine, which cancel a help text, and which do neither."""

from __future__ import annotations

import time

import pytest

from smsgate.core.i18n import LANGUAGES, _, speaking
from smsgate.flows.typed.fine_phrases import Meaning, meaning_of

FINE = (
    "FINE", "fine!", "Fine.", "I'm fine", "I’m fine", "Im fine", "i m fine", "iam fine", "am fine", "I am fine now",
    "I am now fine", "Fine thanks", "fine thank you", "Thanks, fine", "fine now", "Im ok", "I'm okay", "am okey",
    "I am OK now thanks", "No, I'm fine", "no im ok", "ok I am fine", "Sorry, I am fine", "im fyn", "i am fne",
    "I'm fiiine", "I'm fine!!! Thank you so much", "I'm all right", "im alright now", "I am well", "I'm good thanks",
    "i feel better now", "I am feeling much better", "Feeling better", "better now", "much better now", "I'm safe",
    "I am safe now, don't worry", "we are fine", "I'm just fine", "I'm fine 🙂", "I am fine. It was a mistake",
    "niko sawa", "Niko sawa sasa", "nipo sawa", "NIPO SAWA!", "nko sawa", "niko swa", "niko poa", "niko fiti",
    "niko salama", "nipo salama sasa", "niko sawa asante", "Niko sawa kabisa, asante sana", "sasa niko sawa",
    "niko ok", "niko fine", "am sawa", "tuko sawa", "sijambo", "naendelea vizuri", "najisikia vizuri",
    "nimepata nafuu", "nimepona", "samahani niko sawa", "hapana niko sawa", "niko mzima", "niko sawa usijali",
    "ça va", "ca va", "Ça va mieux", "sa va mieux", "ca va bien", "ça va mieux maintenant", "ça va merci",
    "Je vais bien", "Je vais bien maintenant", "jvais bien", "je vais mieux", "je vais très bien", "Ça va bcp mieux",
    "tout va bien", "Tout va bien maintenant, merci", "je me sens mieux", "bien merci", "mieux maintenant",
    "non je vais bien", "je suis ok", "am fyn nw", "im f9", "I'm gud now", "thnks am ok", "ty im fine", "doing fine",
    "am doing well", "I'm ok don't worry about me", "I'm fine, thanks for everything", "no need im fine",
    "its ok i am fine", "everything is fine now", "im alryt", "Am fine tafadhali", "kwa sasa niko sawa", "niko fresh",
    "hakuna shida niko sawa", "mi nko sawa", "najiskia poa", "niko shwari", "hali yangu ni nzuri", "nimetulia",
    "ca va mieu", "je vais bien mtn", "ça va mnt", "jvb", "tt va bien", "C'est bon, je vais bien", "tkt ca va",
    "Ne vous inquiétez pas, je vais bien", "je v bien", "j'vai bien", "sava mieux", "cv", "je suis en sécurité",
)  # fmt: skip
TAKE_BACK = (
    "cancel", "Cancel it", "please cancel", "Don't send", "dont send it", "do not send", "Cancel it", "mistake",
    "it was a mistake", "sorry, by mistake", "false alarm", "never mind", "nevermind", "It was by accident, sorry",
    "don't send, I'm fine", "no don't send", "usitume", "msitume", "nimekosea",
    "kwa makosa", "samahani nimekosea", "irudishe", "ghairi", "annuler", "Annulez", "erreur", "c'est une erreur",
    "par erreur, désolé", "fausse alerte", "je me suis trompé", "n'envoyez pas", "ne pas envoyer", "ne l'envoyez pas",
    "le reprendre", "plz cancel", "cancle", "Cancel my msg", "I want to cancel", "dnt send", "don't send my text",
    "sory mistake", "I pressed by mistake", "wrong button", "delete it", "ignore that", "nvm", "usitume tafadhali",
    "usitume ujumbe", "hapana usitume", "ghairi tafadhali", "nmekosea", "nimetuma kwa makosa", "kimakosa", "rudisha",
    "batilisha", "futa hiyo", "annulez svp", "annule le message", "j'annule", "je veux annuler", "non n'envoyez pas",
    "n'envoyez rien", "envoyé par erreur", "fausse alarme", "jme suis trompé", "mauvaise touche",
)  # fmt: skip
NEITHER = (
    "", "I am not fine", "I'm not fine", "Im not ok", "not fine", "I am not ok", "not fine now", "I'm fine not",
    "I am never fine", "I am no more fine", "I'm far from fine", "I was fine", "I will be fine", "I wish I was fine",
    "I'm fine but please come", "I'm not safe", "is it fine", "fine?", "I'm fine?", "am I fine", "are you fine",
    "I'm fine 😭", "that is fine", "that's fine", "its fine", "it is ok", "ok", "OK thanks", "okay", "ok fine",
    "yes fine", "yes", "no", "all good", "good", "better", "safe", "wait", "hello", "please", "thanks", "sorry",
    "I am fine if you come", "don't tell him I'm fine", "fine him", "send", "send it", "please send", "now",
    "I am ok with it", "a bit better", "I am dying", "fire", "I am in a fire", "there was an accident", "accident",
    "I had an accident", "forget it", "don't cancel", "do not cancel it", "not a mistake", "this is no mistake",
    "it was not a mistake", "not a false alarm", "no mistake", "I am making a mistake", "I don't feel better",
    "i dont feel good", "don't send him, send Juma", "don't take it back", "come now", "help", "stop", "1", "2",
    "siko sawa", "sipo sawa", "Si sawa", "sio sawa", "sijisikii vizuri", "sawa", "sawa asante", "sawa sawa", "iko sawa",
    "niko sawa lakini njoo", "niko sawa?", "uko sawa", "poa", "mzima", "hapana", "subiri", "sijapona", "niko hatarini",
    "niko hapa", "niko hospitali", "tuma", "itume", "usisitishe", "usighairi", "si makosa", "sijakosea",
    "je ne vais pas bien", "je vais pas bien", "ca va pas", "ça ne va pas", "ça va mal", "ça va ?", "ça va pas mieux",
    "ca va plus", "je vais mal", "bien", "c'est bon", "d'accord", "oui", "non", "je ne me sens pas mieux", "attends",
    "its ok", "no need", "no need cancel", "no problem cancel", "I don't want to cancel", "hakuna shida", "usifute",
    "c'est bon envoie", "sijafanya makosa", "je ne veux pas annuler", "n'annule pas le message", "doing", "feeling",
    "don't ignore it",
    "pas bien", "pas mieux", "tout va mal", "rien ne va", "ce n'est pas une erreur", "pas une erreur", "n'annulez pas",
    "envoyez", "envoyez le", "plus besoin", "je vais bien mourir", "je vais mieux mourir", "laisse tomber",
)  # fmt: skip

OPENINGS = ("no", "non", "ok", "hapana", "sorry", "samahani", "sasa")


@pytest.mark.parametrize("text", FINE)
def test_says_that_they_are_fine(text: str) -> None:
    assert meaning_of(text) is Meaning.FINE


@pytest.mark.parametrize("text", TAKE_BACK)
def test_takes_a_help_text_back(text: str) -> None:
    assert meaning_of(text) in (Meaning.TAKE_BACK, Meaning.FINE)


@pytest.mark.parametrize("text", NEITHER)
def test_is_never_guessed(text: str) -> None:
    assert meaning_of(text) is Meaning.UNCLEAR


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_own_labels_are_understood(language: str) -> None:
    with speaking(language):
        assert meaning_of(_("I am fine now")) is Meaning.FINE
        assert meaning_of(_("Cancel it")) is not Meaning.UNCLEAR


@pytest.mark.parametrize("no", ["not", "no", "never", "don't", "hapana", "si", "sio", "pas", "ne", "plus", "jamais"])
def test_a_word_of_denial_anywhere_within_makes_it_unclear(no: str) -> None:
    """The exception is one before the whole phrase: "No, I'm fine"."""
    for text in FINE:
        words = text.split()
        if len(words) > 1 and words[0].casefold().strip(",") not in OPENINGS:
            for place in range(1, len(words) + 1):
                denied = " ".join([*words[:place], no, *words[place:]])
                assert meaning_of(denied) is not Meaning.FINE, denied


def test_long_texts_are_read_in_no_time() -> None:
    began = time.perf_counter()
    for text in ("fine thanks " * 500 + "x", "i am " * 1000, "no sorry " * 800 + "x", "a" * 5000):
        meaning_of(text)
    assert time.perf_counter() - began < 1
