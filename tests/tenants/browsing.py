"""What a browser without scripts would send of a form."""

import re

TEXT_AREA = re.compile(r'<textarea name="([^"]*)"[^>]*>\n?(.*?)</textarea>', re.DOTALL)
SELECT = re.compile(r'<select name="([^"]*)"[^>]*>(.*?)</select>', re.DOTALL)


def inputs(page):
    """What a browser without scripts sends of a page's main form, in pairs."""
    form = re.search(r'<form class="form.*?</form>', page, re.DOTALL)[0]
    return fields_of(form)


def fields_of(form):
    found = {}
    for tag in re.findall(r"<input [^>]*>", form):
        about = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        kind, is_on = about.get("type", "text"), " checked" in tag
        if about.get("name") and (kind not in ("radio", "checkbox") or is_on):
            empty = "on" if kind in ("radio", "checkbox") else ""
            found.setdefault(plain(about["name"]), []).append(plain(about.get("value", empty)))
    for name, text in TEXT_AREA.findall(form):
        found[plain(name)] = [plain(text)]
    for name, options in SELECT.findall(form):
        found[plain(name)] = [plain(v) for v in re.findall(r'value="([^"]*)" selected', options)]
    found.pop("csrfmiddlewaretoken", None)
    return found


def plain(text):
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(entity, sign)
    return text.replace("&#x27;", "'")
