"""Wishes that lists on one computer cannot fulfil: found by words, named in words."""

import re

from agents.simulator.demo import wording

NOTICE = "Demo: fixed rules, no AI model, cost 0."
ONLY_LISTS = "The demo only builds list-keeping apps."
SHARING = "sharing the lists between computers"
_PEOPLE = (
    r"(?:members?|customers?|patients?|people|them|me|us|volunteers?|clients?|parents?|everyone|staff|users?)"
)

_WISHES = {
    "taking payments": (
        r"\b(?:take|accept|collect|process|handle|online|card|credit card)\b.{0,30}\bpayments?\b|"
        r"\b(?:want|need|support|have|include|add|with) payments\b|"
        r"\bpay(?:ing)? (?:online|by card|in the app|through|with)\b|\bpaypal\b|\bstripe\b|"
        r"\bcredit cards?\b|\bcheckout\b"
    ),
    "logging in and separate accounts": (
        r"\blog[- ]?ins?\b|\blogging in\b|\blog in\b|\bpasswords?\b|\buser accounts?\b|"
        r"\b(?:see|view|edit|change|access)\s+(?:only |just )*(?:their|his|her) own\b|\b(?:only|just) (?:see|view|edit|"
        r"access)\b|\b(?:nobody|no one) else (?:can|may|should)\b|"
        r"\bsign(?:ing)? in\b|\b(?:access|user) rights\b|\bpermissions\b|\bown accounts?\b"
    ),
    "maps": (r"\b(?:on|a|google|the) maps?\b|\bgps\b|\broute planning\b"),
    "chat between people": (r"\bchat(?:s|ting)?\b|\bmessaging\b|\bmessenger\b|\bwhatsapp\b"),
    "an app for phones": (r"\b(?:mobile|phone|iphone|android|ios) apps?\b|\bapp store\b"),
    "sending e-mails, messages or reminders": (
        r"\b(?:send|sends|sending|get|gets|receive|receives)\b.{0,40}\b(?:e-?mails?|sms|"
        r"text messages?|reminders?|notifications?|newsletters?)\b|"
        rf"\b(?:e-?mail|text|remind|notify|alert)s? (?:the |our |all |each |my |every )?{_PEOPLE}\b|"
        r"\b(?:automatic|e-?mail) (?:reminders?|notifications?)\b|\breminders?\b|"
        r"\bnotifications?\b"
    ),
    "artificial intelligence and predictions": (
        r"\bmachine learning\b|\bA\.?I\b\.?|\bartificial intelligence\b|\bpredict\w*\b|\bchatbot\b"
    ),
    "keeping pictures or files": (
        r"\b(?:photos?|pictures?|images?|attachments?|upload(?:s|ing)?|barcodes?|qr)\b"
    ),
    "connecting to other programs": (
        r"\b(?:google calendar|outlook|sync(?:s|ing|hroni[sz]e\w*)?|integrat\w+|zapier)\b|"
        r"\b(?:im|ex)port(?:s|ing)?\b.{0,30}\b(?:excel|csv|pdf|spreadsheet)\b"
    ),
    "charts and reports": (
        r"\b(?:charts?|graphs?|dashboards?|statistics)\b|"
        r"\b(?:monthly|weekly|yearly|annual) reports?\b"
    ),
    "a calendar view": (r"\bcalendar view\b|\b(?:on|in) a calendar\b"),
    "printing": (r"\bprint(?:ed|ing|s|outs?)?\b"),
    "doing things by itself, such as calculations": (r"\bautomatic(?:ally)?\b|\bcalculat\w+\b"),
    "a public shop or booking page": (
        r"\bweb ?shop\b|\bonline (?:shop|store|ordering|booking)\b|"
        r"\b(?:customers?|clients?|guests?|visitors?|patients?) (?:can|should|could|to) (?:book|order|"
        r"buy|reserve)\b"
    ),
    "games and video": (
        r"\bvideos?\b|\b(?:chess|video|computer|board|mobile) ?game\b|\ba game\b|\bstreaming\b"
    ),
    SHARING: (
        r"\b(?:several|two|multiple|many|different|three|other|all our|both|"
        r"more than one) (?:computers?|devices?|laptops?|tablets?|phones?|branches)\b|"
        r"\bin the cloud\b|\bfrom anywhere\b|\bfrom home\b"
    ),
    "pages in another language than English": (
        r"\bmultilingual\b|\bin (?:german|french|spanish|italian|dutch|chinese|arabic)\b"
    ),
}
_PATTERNS = [(name, re.compile(pattern, re.I)) for name, pattern in _WISHES.items()]
_NO_DETAILS = frozenset(
    {
        "taking payments",
        "logging in and separate accounts",
        "maps",
        "chat between people",
        "an app for phones",
        "sending e-mails, messages or reminders",
        "artificial intelligence and predictions",
        "charts and reports",
        "keeping pictures or files",
        "a public shop or booking page",
    }
)
_NO = re.compile(r"\b(?:no|not|don't|doesn't|without|never|needn't|nor)\b[^.,;]{0,30}$", re.I)
_LIMIT = re.compile(
    r"\b(?:at most|no more than|not more than|only if|not allowed|maximum|at least|must not|may not|cannot|"
    r"can't|"
    r"never|up to \w+|twice)\b",
    re.I,
)
_ONE_PLACE = re.compile(
    r"\b(?:one|a single|the same|this|my|our) (?:computer|laptop|pc|machine|file)\b|\b(?:only|just) (?:me|"
    r"i) \b",
    re.I,
)


def found_in(text):
    """Return the names of the wishes in a text that are outside what the demo can build, in a fixed order."""
    sentences = [sentence.text for sentence in wording.sentences(text)]
    sentences += [item for sentence in wording.sentences(text) for item in sentence.items]
    return [name for name, pattern in _PATTERNS if any(_wished(pattern, each) for each in sentences)]


def is_no_detail(label):
    """Return whether words in the place of a detail are such a wish: "login", "online payment"."""
    return any(pattern.search(label) for name, pattern in _PATTERNS if name in _NO_DETAILS)


def rules_in(text):
    """Return the sentences with a rule ("at most three") that the demo keeps nowhere but in words."""
    return [s.text for s in wording.sentences(text) if _LIMIT.search(s.text) and len(s.text) <= 200]


def one_place_is_fine(text):
    """Return whether a text says that the data may stay on one computer."""
    return any(
        _ONE_PLACE.search(s.text) and not _NO.search(s.text[: _ONE_PLACE.search(s.text).start()])
        for s in wording.sentences(text)
    )


def _wished(pattern, sentence):
    found = pattern.search(sentence)
    return bool(found) and not _NO.search(sentence[: found.start()])
