"""Names of services, papers and fields as msgids, from the service files; unknown ids give ""."""

from __future__ import annotations

from collections.abc import Set

from wire.words import N_

# Kinds of services in the order of the drawing: icon, name, second line.
GROUPS: dict[str, tuple[str, str, str]] = {
    "kk": ("family_restroom", N_("Family card"), N_("KK")),
    "ktp": ("id_card", N_("KTP-el"), N_("Identity card")),
    "kia": ("child_care", N_("KIA"), N_("Child card")),
    "move": ("home_work", N_("Moving"), N_("In and out")),
    "act": ("receipt_long", N_("Certificates"), N_("Birth, death, marriage, divorce")),
    "data": ("person_edit", N_("Biodata / NIK"), N_("Correct data")),
}

# What a terminal is made of: icon and name of each role.
DEVICES: dict[str, tuple[str, str]] = {
    "printer": ("receipt_long", N_("Receipt printer")),
    "camera": ("photo_camera", N_("Document camera")),
    "scanner": ("scanner", N_("Document scanner")),
    "card": ("contactless", N_("Card reader")),
    "code": ("qr_code_scanner", N_("QR reader")),
    "capture": ("fact_check", N_("Page checking")),
    "line": ("router", N_("Network")),
    "queue": ("outbox", N_("Send queue")),
    "disk": ("hard_drive", N_("Storage")),
}


def device_name(role: str) -> str:
    """What the staff call it; a role that is not known here shows as it is."""
    return DEVICES[role][1] if role in DEVICES else role


def service_name(code: str) -> str:
    """The service's name."""
    from wire.service import catalogue  # 40 ms with YAML: after the first frame

    service = catalogue().get(code)
    return service.name if service else ""


def service_hint(code: str) -> str:
    """The line under the service's name."""
    from wire.service import catalogue

    service = catalogue().get(code)
    return service.hint if service else ""


def service_basis(code: str) -> tuple[tuple[str, ...], str]:
    """Codes of the service's forms, and the rule it rests on, as the rule is called."""
    from wire.service import catalogue

    service = catalogue().get(code)
    return (service.forms, service.source) if service else ((), "")


def group_of(code: str) -> str:
    """The kind of service, or "data"."""
    from wire.service import catalogue

    service = catalogue().get(code)
    return service.group if service else "data"


def asks_originals(code: str, papers: Set[str]) -> bool:
    """True when one of these papers must be the original."""
    from wire.service import catalogue

    service = catalogue().get(code)
    return service is not None and any(paper.original and paper.id in papers for paper in service.papers)


def paper_name(code: str, paper: str, *, short: bool = False) -> str:
    """One paper's name."""
    from wire.service import catalogue

    service = catalogue().get(code)
    found = next((each for each in (*service.papers, *service.dropped) if each.id == paper), None) if service else None
    return (found.short if short else found.name) if found else ""


def field_words(code: str, field: str) -> tuple[str, str, str]:
    """Kind, label and help of a form's field."""
    from wire.service import catalogue

    if field == "nik":
        return "nik", "NIK", ""
    service = catalogue().get(code)
    found = next((each for each in service.fields if each.id == field), None) if service else None
    return (found.kind, found.label, found.help) if found else ("text", "", "")


def option_label(code: str, field: str, option: str) -> str:
    """The words of an option that was picked; what is no option's id stands for itself."""
    from wire.service import catalogue

    service = catalogue().get(code)
    found = next((each for each in service.fields if each.id == field), None) if service else None
    return next((each.label for each in found.options if each.id == option), option) if found else option
