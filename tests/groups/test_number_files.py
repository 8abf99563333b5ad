"""Files of numbers as people's tools write them: every number is accepted, or its row is refused and listed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsgate.groups import number_files
from smsgate.groups.number_cells import numbers_in
from smsgate.groups.number_columns import Kind, kind_of

KE = ("KE",)
A, B, C = "+254711000001", "+254722000002", "+254733000003"


def reads(content: str | bytes, chosen: tuple[int, ...] = ()) -> number_files.ParsedNumbers:
    content = content.encode() if isinstance(content, str) else content
    return number_files.read(io.BytesIO(content), KE, chosen)


GOOGLE = (
    "First Name,Middle Name,Last Name,Phonetic First Name,Nickname,Notes,Labels,E-mail 1 - Label,E-mail 1 - Value,"
    "Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value"
)
FORMS: dict[str, tuple[str | bytes, list[str], dict[str, list[int]]]] = {
    "Google's contacts": (
        f'{GOOGLE}\nAmina,,,,,"likes tea,\nand 12 cups",* myContacts,,a@b.ke,Mobile,0711 000 001 ::: +254722000002,'
        "Home,0733000003\nNobody,,,,,,,,,,,,\n",
        [A, B, C],
        {"none": [3]},
    ),
    "Google's older ones": (
        "Name,Given Name,Phone 1 - Type,Phone 1 - Value,Phone 2 - Type,Phone 2 - Value\n"
        "A,A,Mobile,+254 711-000001,,\nB,B,* Mobile,0722000002,Work,0733000003\n",
        [A, B, C],
        {},
    ),
    "Outlook's": (
        "First Name,Last Name,Assistant's Phone,Business Fax,Home Phone,Mobile Phone,Pager\n"
        "A,B,0799000009,0720000000,,0711000001,0700000000\nC,D,,,0722000002,0733000003,\n",
        [A, B, C],
        {},
    ),
    "an iPhone's cards": (
        "Display Name;Phone : mobile;Phone : home;Address : home\r\n"
        'Amina;"TEL;TYPE=CELL:+254711000001";;"Box 1\r\nKisumu"\r\nJuma;mobile: 0722 000 002;0733000003;\r\n',
        [A, B, C],
        {},
    ),
    "KoboToolbox's": (
        "start,deviceid,phonenumber,respondent/name,respondent/phone_number,respondent/id_number,_id,_uuid\n"
        "2026-01-01,354711000009,254799000009,A,711000001,23456789,504238666,x-1\n"
        "2026-01-02,354711000009,254799000009,B,0722000002,254733000003,504238667,x-2\n",
        [A, B],
        {},
    ),
    "CommCare's cases": (
        "number,caseid,name,contact_phone_number,contact_phone_number_is_verified,owner_name,last_modified_date\n"
        "0,aa-11,A,254711000001,1,chw_254799000009,2026-01-01\n1,aa-12,B,254722000002,0,x,2026-01-01\n",
        [A, B],
        {},
    ),
    "CommCare's mobile workers": (
        "username,password,name,phone-number 1,phone-number 2,email,data: id\n"
        "a,1234,A,254711000001,254722000002,,23456789\nb,1234,B,254733000003,,,23456780\n",
        [A, B, C],
        {},
    ),
    "RapidPro's contacts": (
        "Contact UUID,Name,Language,Status,Created On,Last Seen On,URN:Tel,URN:Whatsapp,Field:National ID\n"
        "8a-1,A,swa,Active,2026-01-01 10:00,,+254711000001,254722000002,254733000003\n8a-2,B,eng,Active,,,,,\n",
        [A, B],
        {"none": [3]},
    ),
    "a program's, with numbered columns and a last line": (
        "0,1,2,3\nLast name,First name,ID,Mobile phone\nA,B,165,0711000001\nTotal records: 1,,,\n",
        [A],
        {"unreadable": [1], "none": [4]},
    ),
    "a title above": (
        "Members of Tumaini and their phones;;\n;;\nJina;Kitambulisho;Simu\nA;22345678;0711000001\n",
        [A],
        {"none": [1]},
    ),
    "a national id first": ("ID Number,Name,Contact\n254722000002,A,0711000001\n", [A], {}),
    "a national id named in French": ("N° CNI;Nom;N° de téléphone\n254722000002;A;0711000001\n", [A], {}),
    "somebody else's phone": (
        "Name,Phone,Emergency contact phone\nA,0711000001,0722000002\n",
        [A],
        {},
    ),
    "pipes": ("name|phone\nA|0711000001\nB|0722000002\n", [A, B], {}),
    "old Macintosh": ("Prénom;Téléphone\rHélène;0711000001\rÇa;0722000002\r".encode("mac_roman"), [A, B], {}),
    "formulas that keep text": ('name,phone\nA,="0711000001"\nB,"=""0722000002"""\nC,=+254733000003\n', [A, B, C], {}),
    "an advertisement's leads": ("full_name,phone_number\nA,p:+254711000001\nB,p:+254722000002\n", [A, B], {}),
    "scientific": (
        'phone\n2.54711000001E+11\n"2,54722000002E+11"\n7.33000003E+08\n2.54711E+11\n2.5471100000E+11\n',
        [A, B, C],
        {"rounded": [5, 6]},
    ),
    "several in a cell": (
        'name,phone\nA,"0711000001, 0722000002"\nB,0733000003 / 0711000001\nC,0722000002;0744000004\n'
        "D,0745000005 or 0746000006\nE,0747000007 0748000008\n",
        [A, B, C, *(f"+2547{n}00000{n % 10}" for n in range(44, 49))],
        {"twice": [3, 4]},
    ),
    "several on a line": ("0711000001;0722000002\n0733000003\n", [A, B, C], {}),
    "several on a line under one name": ("phone\n0711000001,0722000002\n0733000003\n", [A, B, C], {}),
    "lines within a cell": ('name,phone,town\n"A\nB","0711000001\n0722000002","X\nY"\nC,0733000003,Z\n', [A, B, C], {}),
    "a name with a comma that nobody quoted": ("name,phone\nOtieno, Amina,0711000001\nB,0722000002\n", [A, B], {}),
    "rows in quotes": ('"Name,Age,Phone"\n"Amina,34,0711000001"\n"Juma,35,""0722000002"""\n', [A, B], {}),
    "a list from a chat": ("1. 0711000001\n2) Juma 0722 000 002\nFatuma - 0733000003\n", [A, B, C], {}),
    "quotes of all kinds": ("phone\n'0711000001'\n`0722000002`\n‘0733000003\n", [A, B, C], {}),
    "cards": (
        "BEGIN:VCARD\nVERSION:3.0\nTEL;TYPE=CELL:+254711000001\nEND:VCARD\n",
        [A],
        {"none": [2, 4]},
    ),
    "no table at all": ('[{"phone": "+254711000001"}]', [], {"letters": [1]}),
    "thousands": ('phone\n"711,000,001"\n"254,722,000,002"\n', [A, B], {}),
    "remarks": ("phone\n0711000001 (Amina)\nMobile: 0722000002\n", [A, B], {}),
    "a tail that is lost": (
        "phone\n0711000001/2\n0711000001 x2\n0722000002 ext 5\n0711OOO001\n0711 ABCDEF\n0733000003 12345678\n",
        [],
        {"extension": [2, 3, 4], "letters": [5, 6], "unreadable": [7]},
    ),
    "one of two is bad": ("phone\n0711000001 / 0202222222\n", [A], {"fixed": [2]}),
    "full width, and marks that nobody sees": (
        "phone\n０７１１０００００１\n\u202a+254 722‑000‑002\u202c\n\u200f0733000003；\n",
        [A, B, C],
        {},
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_tool_has_its_form(name: str) -> None:
    content, numbers, bad = FORMS[name]
    found = reads(content)
    assert (found.numbers, found.bad) == (numbers, bad)
    assert found.columns.sure
    refused = {row for rows in bad.values() for row in rows}
    assert found.taken <= found.rows <= found.taken + len(refused)


@pytest.mark.parametrize(
    ("content", "offered", "right"),
    [
        ("254722000002,Amina,0711000001\n", [0, 2], 2),  # nothing says which is which
        ("name,next of kin's phone\nA,0711000001\n", [1], 1),
        ("name,national id\nA,0711000001\n", [1], 1),
        ("name,A1,A2\nA,0711000001,0722000002\n", [1, 2], 1),
        ("name,phone,Q7\nA,12345678,0711000001\nB,12345679,0722000002\n", [1, 2], 2),
    ],
)
def test_a_guess_that_may_be_wrong_is_asked_about(content: str, offered: list[int], right: int) -> None:
    found = reads(content)
    assert not found.columns.sure
    assert [each.index for each in found.columns.offered] == offered
    assert found.columns.offered[-1].samples
    said = reads(content, (right,))
    assert said.columns.sure
    assert A in said.numbers


HEADERS = {
    Kind.OWN: (
        "Phone|phone_number|PhoneNumber|Mobile No.|MSISDN|Namba ya simu|Tél. portable|What is your phone number?|"
        "WhatsApp|رقم الهاتف|Cell|URN:Tel|Simu 2|Phone 1 - Value|group/telephone"
    ),
    Kind.NUMBER: "Contact number|Namba",
    Kind.NOT: (
        "Phone 1 - Type|Phonetic Last Name|ID No|Namba ya kitambulisho|N° d'identité|Fax|Phone model|E-mail 1 - Value"
    ),
    Kind.OTHER: "Next of kin phone|Simu ya jirani|Emergency contact",
    None: "Village||2026",
}


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind, names in HEADERS.items() for name in names.split("|")]
)
def test_what_a_header_says(name: str, kind: Kind | None) -> None:
    assert kind_of(name) is kind


def test_a_file_of_one_endless_row_is_not_lost_in_silence() -> None:
    assert reads("0711000001;" * 20_000).bad == {"long": [1]}


def test_an_endless_row_is_listed_and_the_next_ones_read() -> None:
    found = reads(f"phone\n{'x' * 200_000}\n0711000001\n")
    assert (found.numbers, found.bad) == ([A], {"long": [2]})


WRITTEN: list[Callable[[str], str]] = [
    lambda n: n,
    lambda n: f"0{n[4:]}",
    lambda n: n[1:],
    lambda n: f"00{n[1:]}",
    lambda n: f"{n[:4]} {n[4:7]} {n[7:]}",
    lambda n: f"(0{n[4:7]}) {n[7:10]}-{n[10:]}",
    lambda n: f"p:{n}",
    lambda n: f"tel:{n}",
    lambda n: f"'{n}",
    lambda n: f"{n[1:]}.0",
    lambda n: f"{n[1]}.{n[2:]}E+11",
    lambda n: f"\u202a{n}\u202c",
    lambda n: f" {n}\u00a0",
]
BETWEEN = [" ::: ", ";", " / ", ", ", "|", "\n", " or "]
REFUSED = ["2.54E+11", "0202222222", "+33612345678", "0711OOO001", "=1+1", "n/a", "", "0711000001 x2", "12"]
phone = st.integers(710_000_000, 729_999_999).map(lambda n: f"+254{n}")
cell_of_numbers = st.lists(phone, min_size=1, max_size=3, unique=True)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.one_of(cell_of_numbers, st.sampled_from(REFUSED)), min_size=1, max_size=12),
    st.sampled_from(";\t,|"),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le"]),
    st.randoms(use_true_random=False),
)
def test_what_is_planted_comes_out_or_its_row_is_listed(planted, mark, end, encoding, chance) -> None:  # type: ignore[no-untyped-def]
    cells = [
        cell if isinstance(cell, str) else chance.choice(BETWEEN).join(chance.choice(WRITTEN)(one) for one in cell)
        for cell in planted
    ]
    cells = [
        f'="{cell}"' if chance.random() < 0.1 and '"' not in cell and cell[:1] not in "'=" else cell for cell in cells
    ]
    paper = io.StringIO()
    writer = csv.writer(
        paper, delimiter=mark, lineterminator="\n", quoting=chance.choice([csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
    )
    writer.writerow(["Jina", "Kitambulisho", "Namba ya simu", "Mji"])
    for index, cell in enumerate(cells):
        writer.writerow([f"Person, {index}", "25472200000" + str(index % 10), cell, 'said "hi"\nKisumu'])
    found = reads(paper.getvalue().replace("\n", end).encode(encoding))
    expected = {one for cell in planted if not isinstance(cell, str) for one in cell}
    assert set(found.numbers) == expected
    listed = {row for rows in found.bad.values() for row in rows}
    assert listed >= {index + 2 for index, cell in enumerate(planted) if isinstance(cell, str)}
    assert found.rows == len(planted)
    assert found.taken + len(listed) >= found.rows


@given(st.text(max_size=60))
def test_any_cell_ends_in_numbers_or_a_reason(text: str) -> None:
    for one in numbers_in(text, KE):
        assert bool(one.number) is not bool(one.reason)
    assert numbers_in(text, KE) or not "".join(char for char in text if char.isalnum())


def test_a_cell_with_thousands_of_pieces_that_are_none_is_refused_as_one() -> None:
    assert len(numbers_in("1234567/" * 12_000, KE)) == 1
    mixed = [f"07110{number:05}" for number in range(300)] + ["1234567"] * 99
    assert sum(bool(one.number) for one in numbers_in("; ".join(mixed), KE)) == 300
