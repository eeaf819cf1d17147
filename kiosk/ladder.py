"""Which screen a status asks for: one pure function, most urgent first. No screen ever names another."""

from __future__ import annotations

from enum import StrEnum

from kiosk.status import KioskStatus, Step, VisitView


class Screen(StrEnum):
    """Every screen of the window."""

    STARTING = "starting"
    CLOSED = "closed"
    TIMEOUT = "timeout"
    HOME = "home"
    SERVICES = "services"
    REQUIREMENTS = "requirements"
    PRIVACY = "privacy"
    NIK = "nik"
    FORM = "form"
    CHOOSE_SOURCE = "choose_source"
    SCAN = "scan"
    SCAN_BED = "scan_bed"
    PAGE_KEPT = "page_kept"
    PAGE_REFUSED = "page_refused"
    CAMERA_OUT = "camera_out"
    SCANNER_OUT = "scanner_out"
    REVIEW = "review"
    SENDING = "sending"
    DONE = "done"
    NO_RECEIPT = "no_receipt"
    RECEIPT_ASK = "receipt_ask"
    LAST_NUMBER = "last_number"
    STATUS_NUMBER = "status_number"
    STATUS_NIK = "status_nik"
    STATUS_RESULT = "status_result"
    PAPER_MISSING = "paper_missing"
    BROWSE = "browse"
    BROWSE_SERVICE = "browse_service"
    LOCATIONS = "locations"
    STAFF_PIN = "staff_pin"
    STAFF_HOME = "staff_home"
    STAFF_TEST = "staff_test"
    STAFF_SEND = "staff_send"
    STAFF_REFUSED = "staff_refused"
    STAFF_COURIER = "staff_courier"


_PLAIN = {
    Step.SERVICE: Screen.SERVICES,
    Step.REQUIREMENTS: Screen.REQUIREMENTS,
    Step.PRIVACY: Screen.PRIVACY,
    Step.NIK: Screen.NIK,
    Step.FORM: Screen.FORM,
    Step.REVIEW: Screen.REVIEW,
    Step.SENDING: Screen.SENDING,
    Step.STATUS_NUMBER: Screen.STATUS_NUMBER,
    Step.STATUS_NIK: Screen.STATUS_NIK,
    Step.STATUS_RESULT: Screen.STATUS_RESULT,
    Step.BROWSE: Screen.BROWSE,
    Step.BROWSE_SERVICE: Screen.BROWSE_SERVICE,
    Step.LOCATIONS: Screen.LOCATIONS,
    Step.STAFF_PIN: Screen.STAFF_PIN,
    Step.STAFF_HOME: Screen.STAFF_HOME,
    Step.STAFF_TEST: Screen.STAFF_TEST,
    Step.STAFF_SEND: Screen.STAFF_SEND,
    Step.STAFF_REFUSED: Screen.STAFF_REFUSED,
    Step.STAFF_COURIER: Screen.STAFF_COURIER,
}

# Faults that pass by themselves or with a sheet put in: the scanner can still be asked to scan.
_PASSING = {"scanner_busy", "scanner_no_paper"}


def can_take(status: KioskStatus, source: str) -> bool:
    """True when pages can be taken with ``source`` ("camera" or "scanner") now."""
    device = status.device(source)
    if device is None:
        return False
    return device.usable or (bool(device.faults) and _PASSING.issuperset(device.faults))


def screen_for(status: KioskStatus) -> Screen:
    """The screen of ``status``."""
    if not status.ready:
        return Screen.STARTING
    visit = status.visit
    if visit is not None and status.timeout_s:
        return Screen.TIMEOUT
    if visit is not None:
        return _of_visit(status, visit)
    if status.last_number:
        return Screen.LAST_NUMBER
    if status.closed:
        return Screen.CLOSED
    return Screen.HOME


def _of_visit(status: KioskStatus, visit: VisitView) -> Screen:
    if visit.step is Step.SCAN:
        return _of_scan(status, visit)
    if visit.step is Step.DONE:
        return _of_receipt(visit)
    return _PLAIN[visit.step]


def _of_scan(status: KioskStatus, visit: VisitView) -> Screen:
    if visit.asking_missing:
        return Screen.PAPER_MISSING
    if visit.judged is not None:
        return Screen.PAGE_KEPT if visit.judged.ok else Screen.PAGE_REFUSED
    if not visit.source and len(visit.sources) > 1:
        return Screen.CHOOSE_SOURCE
    if visit.source == "scanner":
        return Screen.SCAN_BED if visit.capturing or can_take(status, "scanner") else Screen.SCANNER_OUT
    return Screen.SCAN if visit.capturing or can_take(status, "camera") else Screen.CAMERA_OUT


def _of_receipt(visit: VisitView) -> Screen:
    receipt = visit.receipt
    if receipt is None or receipt.state == "done":
        return Screen.DONE
    if receipt.asked:
        return Screen.RECEIPT_ASK
    if receipt.state == "printing":
        return Screen.SENDING
    return Screen.NO_RECEIPT
