"""The invented family of all drawn papers. Its numbers are built as real ones are (NIK: place, birth, serial)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """One member of the family. ``born``: DD-MM-YYYY."""

    name: str
    nik: str
    sex: str
    born: str
    school: str
    work: str
    place: str = "BANJAR"


SITI = Person("SITI CONTOH", "3279024107900001", "PEREMPUAN", "01-07-1990", "SLTA", "PEDAGANG")
ASEP = Person("ASEP CONTOH", "3279021203880002", "LAKI-LAKI", "12-03-1988", "SLTA", "PETANI")
NABILA = Person("NABILA CONTOH", "3279024107200001", "PEREMPUAN", "01-07-2020", "BELUM SEKOLAH", "BELUM BEKERJA")
FAMILY = (ASEP, SITI, NABILA)
KK = "3279020101000001"
PHONE = "081200004417"
ADDRESS = "DSN CONTOH 12 RT 01"
