"""What the columns of a class list hold: told by their names, in many languages, or their cells."""

import re
import unicodedata

NAMED = {
    "id": "id, student id, studentid, student number, sid, id number, matrikelnummer, matrikel, "
    "matriculation number, matriculation no, registration number, org defined id, orgdefinedid, "
    "id nummer, numero d identification, numero d etudiant, n etudiant, numero de id, "
    "numero de identificacion, numero di matricola, matricola, numero ID, nummer, "
    "studentnummer, studienummer, studentnr, nia, numero de estudante, numero de alumno, "
    "numer albumu, nr albumu, opiskelijanumero, studentid number, 学号, 学籍番号, 학번, "
    "номер студента, numero identificativo, identifikationsnummer, numero de identificacao",
    "login": "username, user name, login, login id, github_username, github username, "
    "benutzername, anmeldename, nom d utilisateur, identifiant de connexion, nombre de usuario, "
    "nome utente, nome de usuario, gebruikersnaam, anvandarnamn, brugernavn, brukernavn, "
    "kayttajatunnus, uzytkownik, 用户名, ユーザ名, логин, logins, kennung, user id",
    "name": "name, full name, student, student name, fullname, vollstandiger name, nom complet, "
    "nombre completo, nome completo, nome e cognome, volledige naam, fullstandigt namn, "
    "fulde navn, fullt navn, imie i nazwisko, полное имя, фио, 姓名, 氏名, 이름, navn, namn, naam, "
    "nimi, ad soyad, display name, teilnehmer, participant, nombre y apellidos, "
    "nombre apellidos, nom prenom, vollständiger name, nome cognome",
    "first": "first name, firstname, given name, vorname, prenom, nombre, nombre s, nome, "
    "voornaam, fornamn, fornavn, etunimi, imie, jmeno, имя, 名, 이름 first, ad, utonev, "
    "primer nombre, first_name, nom propi",
    "last": "last name, lastname, surname, family name, nachname, familienname, nom, "
    "nom de famille, apellido, apellidos, apellido s, cognome, sobrenome, apelido, apelidos, "
    "achternaam, efternamn, efternavn, etternavn, sukunimi, nazwisko, prijmeni, фамилия, 姓, "
    "soyad, vezeteknev, last_name, cognoms",
    "email": "email, e mail, email address, e mail address, mail, e mail adresse, mailadresse, "
    "adresse de courriel, courriel, adresse e mail, adresse mail, direccion de correo, correo, "
    "correo electronico, direccion email, indirizzo email, endereco de email, e mailadres, "
    "e postadress, e post, sahkopostiosoite, adres e mail, 邮箱, 电子邮件地址, メールアドレス, 이메일, "
    "адрес электронной почты, e posta",
    "group": "group, groups, gruppe, gruppen, groupe, groupes, grupo, grupos, gruppo, gruppi, groep, "
    "groepen, grupp, grupper, ryhma, ryhmat, grupa, team, 小组, グループ, 그룹, группа",
    "role": "role, roles, rolle, rollen, rôle, rôles, rol, ruolo, ruoli, papel, papeis, roll, "
    "roller, rooli, roolit, 角色, ロール, 역할, роль, роли",
    "status": "status, etat, statut, estado, stato, stav, tila, 状态, ステータス, 상태, статус, estatus",
    "submitted": "last modified submission, zuletzt geandert abgabe, "
    "derniere modification travail remis, ultima modificacion entrega, "
    "ultima modifica consegna, laatst gewijzigd inzending",
    "maximum": "maximum grade, bestwertung, note maximale, calificacion maxima, "
    "valutazione massima, maximumcijfer, nota maxima, maximale bewertung",
    "canvas": "canvas id",
    "sis user": "sis user id",
    "sis login": "sis login id",
}
"""Names as `plain` gives them."""
TEACHERS = re.compile(
    r"teacher|instructor|lecturer|trainer|tutor|professor|teaching|\bta\b|assistant|manager|"
    r"dozent|lehr|betreuer|enseignant|gestionnaire|profesor|docente|leraar|docent|larare|opettaja|"
    r"nauczyciel|преподаватель|observer|designer|grader|admin",
    re.IGNORECASE,
)
STUDENTS = re.compile(
    r"student|learner|participant|teilnehmer|studier|etudiant|étudiant|estudiante|alumn|studente|"
    r"estudante|opiskelija|студент|学生|학생",
    re.IGNORECASE,
)
EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")
PARTICIPANT = re.compile(r"([^\W\d_][^\d]*?)\s?(\d{1,12})")
"""What Moodle calls a participant of one assignment, in any language: "Participant 1234"."""
PARTICIPANTS = re.compile(
    r"participante?s?|teilnehmer.{0,3}|deelnemers?|partecipante|deltagare|deltager|deltaker|"
    r"osallistuja|uczestnik|участник|参与者|参加者|참가자",
    re.IGNORECASE,
)
"""What Moodle writes in place of a name where hand-ins are anonymous."""


def plain(text):
    """Bring a column's name into a form in which spellings are alike."""
    text = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(it for it in text if not unicodedata.combining(it))
    return " ".join(re.findall(r"\w+", text.replace("_", " ")))


MEANS = {plain(name): kind for kind, names in reversed(NAMED.items()) for name in names.split(",")}


def read_columns(columns, rows):
    """Tell what columns hold.

    Parameters
    ----------
    columns : sequence of str
        Their names.
    rows : sequence of sequence of str

    Returns
    -------
    dict of str to list of int
        Places of columns by what they hold: the kinds of `NAMED`, and "participant", the numbers
        by which Moodle's grading worksheet knows people.
    """
    cells = [[row[place] for row in rows if row[place]] for place in range(len(columns))]
    found = {}
    for place, name in enumerate(columns):
        kind = "participant" if _are_participants(plain(name), cells[place]) else None
        kind = kind or MEANS.get(plain(name))
        if not kind and plain(name) == "identifier":  # GitHub Classroom's is what people chose
            kind = "name" if all(" " in it and _is_name(it) for it in cells[place]) else "id"
        if kind == "email" or not kind:
            emails = sum(EMAIL.fullmatch(it) is not None for it in cells[place])
            kind = "email" if cells[place] and 2 * emails > len(cells[place]) else kind
        if kind:
            found.setdefault(kind, []).append(place)
    _tell_names(found, cells)
    if "participant" in found:
        _tell_worksheet(found, columns, cells)
    return found


def _are_participants(name, cells):
    """Whether cells are numbers of participants: all begin alike, in words."""
    told = [PARTICIPANT.fullmatch(it) for it in cells]
    starts = {it and it[1].casefold() for it in told}
    if len(set(cells)) < len(cells):
        return False
    start = next(iter(starts)) if len(starts) == 1 else None
    if not start or PARTICIPANTS.fullmatch(start):
        return bool(start)
    other = MEANS.get(name) in ("id", "login", "email", "group")
    return not other and (len(start) > 3 or not start.isascii())


def _tell_names(found, cells):
    """Find the names where no column is called so: the first columns with words only."""
    if found.keys() & {"name", "first", "last"}:
        return
    taken = {place for places in found.values() for place in places}
    words = [
        place
        for place, own in enumerate(cells)
        if place not in taken and own and all(_is_name(it) for it in own)
    ]
    if words and any(" " in it for it in cells[words[0]]):
        found["name"] = words[:1]
    elif words:
        found["first"], found["last"] = words[:1], words[1:2]


def _is_name(text):
    """Whether a text may be a name."""
    return not re.search(r"[\d@=%]", text) and any(it.isalpha() for it in text)


def _tell_worksheet(found, columns, cells):
    """Find what a grading worksheet tells, whatever its columns are called."""
    if "status" not in found:  # in every language it stands behind names and addresses
        before = max(place for it in ("name", "email", "id") for place in found.get(it, ()))
        if before + 1 < len(columns):
            found["status"] = [before + 1]
    times = [
        place
        for place, name in enumerate(columns)
        if re.search(r"\(.*\)", name) and place not in sum(found.values(), [])
    ]
    if "submitted" not in found and times:
        found["submitted"] = times[:1]
