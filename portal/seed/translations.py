"""Texts of the demo's events in German and Hebrew, so that their readers see how that looks.

Only the best known sessions have some: what has none shows how the original stands in for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from events.actions import save_planned
from events.models import Event, EventTranslation, SessionTranslation, TrackTranslation


@dataclass(frozen=True)
class SessionWords:
    """A session in another language; "" falls back to the original."""

    title: str
    subtitle: str = ""
    abstract: str = ""


@dataclass(frozen=True)
class EventWords:
    """An event in another language: its own texts, tracks by name, sessions by their ids."""

    title: str
    tagline: str
    description: str
    tracks: dict[str, str]
    sessions: dict[str, SessionWords]


CONGRESS_DE: Final = EventWords(
    title="31. Chaos Communication Congress",
    tagline="Das echte Programm von 2014, als fände es heute statt",
    description=(
        "Vier Tage Vorträge über Technik und Gesellschaft. Das ist der öffentliche Fahrplan des "
        "31. Chaos Communication Congress, in diese Woche verlegt, damit Sie sich umsehen können: "
        "Manche Sitzungen laufen gerade, manche beginnen bald, manche sind vorbei."
    ),
    tracks={
        "Security & Hacking": "Sicherheit & Hacking",
        "Ethics, Society & Politics": "Ethik, Gesellschaft & Politik",
        "Hardware & Making": "Hardware & Basteln",
        "Science": "Wissenschaft",
        "Art & Culture": "Kunst & Kultur",
        "Entertainment": "Unterhaltung",
        "Other": "Anderes",
    },
    sessions={
        "29aecfd7-2e44-4f49-ab86-29b5e0877325": SessionWords("Eröffnung des 31C3"),
        "8c4e647f-813e-41ef-b05b-65469dd841c3": SessionWords(
            "Eröffnungsrede des 31C3", "Ein neuer Morgen"
        ),
        "-n9QScyDLXMEwkqrCHASYw": SessionWords(
            "SS7: Orten. Verfolgen. Manipulieren.",
            "Sie tragen ein Ortungsgerät in der Tasche",
            "Wie Mobilfunknetze untereinander sprechen, und warum jeder, der mithören darf, "
            "Telefone auf der ganzen Welt orten kann.",
        ),
        "szHEwO2pazLIG7w8wQTa1w": SessionWords("Selbstverteidigung im Mobilfunk"),
        "7G4FQIXg2eb7D6F_jNwuxA": SessionWords(
            "ECCHacks", "Eine sanfte Einführung in die Kryptographie mit elliptischen Kurven"
        ),
        "yMuYr5eW4o9FpJMw-NwXrg": SessionWords("Wie sicher ist Estlands Wahl über das Internet?"),
        "6bXRd7c5UJbIlb4QiTd1ng": SessionWords(
            "Die Sache mit Heartbleed",
            "Was schiefging, wie das Internet reagierte, was wir daraus lernen",
        ),
        "iWU6RrYVPk7Q-fLuBE-LoQ": SessionWords("Freiheit in Ihrem Computer und im Netz"),
        "6b94aab7-5909-4662-99f8-1a990c247bb1": SessionWords("Der Fall Chelsea Manning"),
        "XGhOde-ujLyDS1gsvpebMg": SessionWords("Zur Lage der Zwiebel"),
        "eddb2328-37c3-4e86-86cc-c8541d14b4d7": SessionWords("Abschluss des 31C3"),
    },
)
CONGRESS_HE: Final = EventWords(
    title="הקונגרס ה־31 של Chaos Communication",
    tagline="התוכנית האמיתית של 2014, כאילו היא מתקיימת היום",
    description=(
        "ארבעה ימים של הרצאות על טכנולוגיה וחברה. זוהי התוכנית הפומבית של הקונגרס ה־31, שהוזזה "
        "לשבוע הזה כדי שאפשר יהיה להסתכל מסביב: יש מפגשים שמשודרים עכשיו, יש שמתחילים בקרוב ויש "
        "שכבר הסתיימו."
    ),
    tracks={
        "Security & Hacking": "אבטחה והאקינג",
        "Ethics, Society & Politics": "אתיקה, חברה ופוליטיקה",
        "Hardware & Making": "חומרה ויצירה",
        "Science": "מדע",
        "Art & Culture": "אמנות ותרבות",
        "Entertainment": "בידור",
        "Other": "אחר",
    },
    sessions={
        "29aecfd7-2e44-4f49-ab86-29b5e0877325": SessionWords("פתיחת הקונגרס"),
        "8c4e647f-813e-41ef-b05b-65469dd841c3": SessionWords("הרצאת הפתיחה", "שחר חדש"),
        "-n9QScyDLXMEwkqrCHASYw": SessionWords(
            "SS7: לאתר. לעקוב. להטעות.",
            "יש לכם מכשיר מעקב בכיס",
            "איך רשתות סלולריות מדברות זו עם זו, ולמה כל מי שמורשה להקשיב יכול לאתר טלפונים "
            "בכל העולם.",
        ),
        "szHEwO2pazLIG7w8wQTa1w": SessionWords("הגנה עצמית בסלולר"),
        "7G4FQIXg2eb7D6F_jNwuxA": SessionWords("ECCHacks", "מבוא עדין להצפנה בעקומים אליפטיים"),
        "yMuYr5eW4o9FpJMw-NwXrg": SessionWords("עד כמה בטוחה ההצבעה המקוונת באסטוניה?"),
        "6bXRd7c5UJbIlb4QiTd1ng": SessionWords(
            "הסיפור של Heartbleed", "מה השתבש, איך האינטרנט הגיב ומה אפשר ללמוד"
        ),
        "7bdbb7a1-63f2-400f-97a1-d7abfc455f73": SessionWords("סיכום השנה של ה־CCC"),
        "iWU6RrYVPk7Q-fLuBE-LoQ": SessionWords("חופש במחשב שלכם וברשת"),
        "6b94aab7-5909-4662-99f8-1a990c247bb1": SessionWords("המקרה של צ׳לסי מנינג"),
        "38ea922b-5b2d-4290-8c79-da0c891edd7a": SessionWords("סיוטי אבטחה"),
        "eddb2328-37c3-4e86-86cc-c8541d14b4d7": SessionWords("סיום הקונגרס"),
    },
)
CONGRESS: Final = {"de": CONGRESS_DE, "he": CONGRESS_HE}


def translate(event: Event, words: dict[str, EventWords]) -> None:
    """Add these texts to an event that is written in English."""
    tracks = {track.name: track for track in event.tracks.all()}
    sessions = {session.external_id: session for session in event.sessions.all()}
    for language, said in words.items():
        own = EventTranslation(event=event, language=language, title=said.title)
        own.tagline, own.description = said.tagline, said.description
        save_planned(own)
        for name, translated in said.tracks.items():
            save_planned(
                TrackTranslation(
                    event=event, track=tracks[name], language=language, name=translated
                )
            )
        for key, texts in said.sessions.items():
            save_planned(
                SessionTranslation(session=sessions[key], language=language, **vars(texts))
            )
