"""The security rules that generated software is reviewed against.

Areas of OWASP ASVS 5.0.0, Level 2, in our words, and Australian ISM controls of the same meaning, as far as a
small web application can meet them in its source code. What we claim: a model read the code against this
list. Nothing was run, and nothing is certified.
"""

CONTROLS = {
    "V1.1.1": "Input is decoded once, before it is checked.",
    "V1.2.1": "Output is encoded for the place where it appears: HTML text, attribute, header (ISM-1241).",
    "V1.2.2": "Addresses built from data are encoded, and only http, https and mailto are allowed.",
    "V1.2.3": "Data inside a script or JSON answer cannot break out of it.",
    "V1.2.4": "Database statements take values as parameters, never as joined text (ISM-1275, ISM-1276).",
    "V1.2.5": "No operating-system command is built from data.",
    "V1.3.2": "No code is made from data: no eval, no Function, no import of a name that a user gave.",
    "V1.3.3": "Data for a risky place (file name, header, pattern) is limited in length and characters.",
    "V1.4.2": "Numbers are checked for range and form; not-a-number and endless values are refused.",
    "V1.5.2": "Stored or received data is parsed safely and its form checked before use (ISM-2058).",
    "V2.2.1": "Input is checked against what is allowed: type, length, range, choices (ISM-2057).",
    "V2.2.2": "The server makes these checks, whatever the browser did.",
    "V2.2.3": "Values that belong together are checked together.",
    "V2.3.1": "Steps of a process happen in their order only.",
    "V2.3.3": "A change happens as a whole or not at all; a crash leaves no half-written file.",
    "V3.2.1": "Answers carry the right content type, and nosniff (ISM-1424).",
    "V3.2.2": "Text is put into a page as text, never as markup.",
    "V3.4.3": "A content security policy without inline script is sent (ISM-1424).",
    "V3.5.1": "Requests from other sites cannot change anything: Origin or a token is checked.",
    "V3.5.3": "GET never changes anything.",
    "V4.1.1": "Content type and character set of each answer match its body.",
    "V5.2.1": "Bodies and files over a stated size are refused before they are read whole.",
    "V5.3.2": "File paths come from the program, or are checked strictly.",
    "V6.2.1": "Where there are passwords: at least 15 characters, hashed with a slow function (ISM-0421).",
    "V7.2.1": "Where there are sessions: the server checks a random, unguessable value each time.",
    "V8.2.1": "Where there are roles: the server checks them for every action.",
    "V8.2.2": "Where there are owners: the server checks for every record whose it is.",
    "V11.5.1": "Random values that must not be guessed come from the system's secure source.",
    "V13.3.1": "No secret, key or password stands in the code.",
    "V14.2.1": "Personal data never stands in an address.",
    "V15.2.1": "Packages are few and known, with a bounded range; none runs scripts at installation.",
    "V15.3.3": "Unknown fields of a request are ignored or refused, never copied into a record.",
    "V16.2.5": "Logs hold no passwords, keys or personal data (ISM-0585).",
    "V16.5.1": "Errors shown to users say what to do and nothing of the inside (ISM-1278).",
    "V16.5.3": "An unexpected error is caught at the edge, and the program stays safe and running.",
}


def listing():
    """Return the rules as lines for a prompt."""
    return "\n".join(f"- {name}: {text}" for name, text in CONTROLS.items())
