"""Which passwords are taken: those that nobody guesses soon who knows the lists, the habits and this product.

zxcvbn knows the common passwords, names and words, keyboard walks, dates and repetitions, and says how many
guesses such a password takes. What it does not know is added here: the words of this trade, sentences everybody
knows, and that one word with digits around it is one word in any language.
"""

import re
from collections.abc import Iterator

LENGTH_MIN = 12
LENGTH_MAX = 1024
DISTINCT_MIN = 5
GUESSES_MIN = 10**10
"""What the reader of a stolen database tries in weeks: argon2id lets a machine try some thousand a second."""
JUDGED_LENGTH = 40
"""Of a long password its beginning and its end are judged: the time grows with more than the length."""
WORD_MAX = 14
"""Letters in a row up to this many, all small or all capital but the first, count as one word."""

PRODUCT_WORDS = (
    *(
        "palometa",
        "piranha",
        "linuxvirtualserver",
        "virtualserver",
        "keepalived",
        "ipvsadm",
        "ipvs",
        "lvs",
        "vrrp",
    ),
    *("loadbalancer", "loadbalancing", "balancer", "director", "realserver", "haproxy", "nginx", "failover"),
)
COMMON_WORDS = (
    *("password", "passwd", "passphrase", "admin", "administrator", "root", "user", "login", "welcome", "letmein"),
    *("changeme", "default", "secret", "iloveyou", "monkey", "dragon", "football", "baseball", "sunshine"),
    *(
        "princess",
        "master",
        "superman",
        "trustno",
        "redhat",
        "centos",
        "debian",
        "linux",
        "server",
        "test",
        "guest",
    ),
    *("hello", "passwort", "kennwort", "geheim", "motdepasse", "contrasena", "parola", "haslo", "wachtwoord"),
    *("willkommen", "bienvenue", "datacenter", "cluster", "network", "netzwerk", "system", "ubuntu", "cisco"),
)
FAMILIAR = (
    *("correcthorsebatterystaple", "thequickbrownfox", "jumpsoverthelazydog", "helloworld"),
    *("loremipsumdolorsitamet", "tobeornottobe", "thatisthequestion", "maytheforcebewithyou", "youshallnotpass"),
    *("winteriscoming", "nevergonnagiveyouup", "allyourbasearebelongtous", "iamyourfather", "luke", "ironman"),
    *("opensesame", "opentheses", "letmeinplease", "trustnoone", "iloveyouforever", "iloveyousomuch", "ihateyou"),
    *("ichliebedich", "jetaime", "tequiero", "thisismypassword", "thisisapassword", "mypassword", "newpassword"),
    *("nopassword", "idontknow", "whatismypassword", "passwordispassword", "onetwothreefour", "einszweidreivier"),
    *("harrypotter", "lordoftherings", "starwars", "gameofthrones", "supercalifragilisticexpialidocious"),
    *(
        "manchesterunited",
        "youllneverwalkalone",
        "bayernmuenchen",
        "borussiadortmund",
        "realmadrid",
        "fcbarcelona",
    ),
    *("jesuschrist", "jesusislord", "ourfatherwhoartinheaven", "vaterunser", "godisgood", "inthebeginning"),
    *("rootroot", "adminadmin", "donaudampfschiff", "donaudampfschifffahrtsgesellschaft", "fischersfritze"),
)
LOOK_ALIKES = tuple(str.maketrans("0134578@$!", letters) for letters in ("oleastbasi", "oieastbasl"))
_LETTERS = re.compile(r"[^\W\d_]+")
_SIGNS = str.maketrans(dict.fromkeys("@({[<!|$+%", "_"))
"""Signs that zxcvbn takes for letters; with many of them it would try every reading there is."""
_UNSHIFTED = str.maketrans("!@#$%^&*()", "1234567890")


class PasswordRefused(Exception):
    """A password that is not taken; the message says why, and what is."""


def refuse_weak(name: str, password: str) -> None:
    """Raise PasswordRefused for a password that others would soon guess; `name` is whose it is."""
    if not LENGTH_MIN <= len(password) <= LENGTH_MAX:
        raise PasswordRefused(
            f"The password has {len(password)} characters; {LENGTH_MIN} to {LENGTH_MAX} are accepted. "
            "Several unrelated words make a good one."
        )
    folded = password.casefold()
    if len(set(folded)) < DISTINCT_MIN:
        raise PasswordRefused(
            f"The password repeats fewer than {DISTINCT_MIN} different characters; choose a more varied one."
        )
    own = _letters(name.casefold())
    words = (*PRODUCT_WORDS, *COMMON_WORDS, *FAMILIAR, *filter(None, (own,)))
    if folded == name.casefold() or any(_is_made_of(letters, words) for letters in _readings(folded)):
        raise PasswordRefused(
            "The password consists only of the user name, product names or common words, with at most some digits "
            "and symbols added; choose one made of several unrelated words."
        )
    if _is_one_word(password):
        raise PasswordRefused(
            "The password is a single word, with at most digits and symbols around it; choose several unrelated "
            "words."
        )
    if not _takes_long(password):
        raise PasswordRefused(
            "The password is on the lists of common passwords, or is built as they are (words with a year or "
            "digits, keys in a row, repetitions); choose several unrelated words."
        )


def _takes_long(password: str) -> bool:
    # Only where a password is set: the lists take 15 MB, and a fifth of a second to load.
    from zxcvbn import zxcvbn

    begin, end = _span_of_letters(password)
    readings = {password.translate(_SIGNS), password.translate(_UNSHIFTED).translate(_SIGNS)}
    for table in LOOK_ALIKES:
        inner = password[begin:end].translate(table)
        readings |= {password.translate(table), f"{password[:begin]}{inner}{password[end:]}".translate(_SIGNS)}
    parts = {reading[:JUDGED_LENGTH] for reading in readings}, {reading[-JUDGED_LENGTH:] for reading in readings}
    return any(all(zxcvbn(reading)["guesses"] >= GUESSES_MIN for reading in part) for part in parts)


def _is_one_word(password: str) -> bool:
    found = _LETTERS.findall(password)
    if len({word.casefold() for word in found}) != 1:
        return False
    return len(found[0]) <= WORD_MAX and all(word in (word.lower(), word.upper(), word.title()) for word in found)


def _readings(folded: str) -> Iterator[str]:
    """Yield the letters of a password, as they are, and with digits, all or those within, read as look-alikes."""
    yield _letters(folded)
    begin, end = _span_of_letters(folded)
    for look_alikes in LOOK_ALIKES:
        yield _letters(folded.translate(look_alikes))
        yield _letters(folded[begin:end].translate(look_alikes))


def _span_of_letters(text: str) -> tuple[int, int]:
    """Return where the first letter begins and the last one ends."""
    begin = next((place for place, character in enumerate(text) if character.isalpha()), 0)
    end = next((place for place in range(len(text), 0, -1) if text[place - 1].isalpha()), 0)
    return begin, end


def _letters(text: str) -> str:
    return "".join(character for character in text if character.isalpha())


def _is_made_of(text: str, words: tuple[str, ...]) -> bool:
    """Return whether `text` is nothing but `words` in a row; in time linear in its length."""
    reached = {0}
    for place in range(len(text)):
        if place in reached:
            reached.update(place + len(word) for word in words if text.startswith(word, place))
    return bool(text) and len(text) in reached
