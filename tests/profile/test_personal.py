"""Personal data is recognised by form, check digits and names, and hardly anything else is."""

import datetime as dt
import random

import pytest

from dsml_magics.profile.checksum import is_card, is_iban, is_resident_number
from dsml_magics.profile.personal import KINDS, personal_of


def kinds(texts, name="x"):
    return [kind for kind, _ in personal_of(texts, name=name)]


def luhn(body):
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in body[::-2])
    return body + str(-(doubled + sum(map(int, body[-2::-2]))) % 10)


def resident(born, gender, serial, *, alien=False):
    digits = f"{born:%y%m%d}{gender}{serial:05}"
    total = sum(w * int(d) for w, d in zip((2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), digits, strict=True))
    return f"{digits}{((13 if alien else 11) - total % 11) % 10}"


def iban(country, rest):
    number = int("".join(str(int(c, 36)) for c in f"{rest}{country}00"))
    return f"{country}{98 - number % 97:02}{rest}"


ISSUED = [luhn(prefix + "123456789012345678"[: length - 1 - len(prefix)]) for prefix, length in (
    ("4", 13), ("4", 16), ("4", 19), ("51", 16), ("55", 16), ("2221", 16), ("2720", 16), ("34", 15), ("37", 15),
    ("300", 14), ("36", 14), ("38", 16), ("6011", 16), ("644", 16), ("65", 19), ("62", 16), ("62", 19),
    ("3528", 16), ("3589", 16), ("6304", 13), ("5018", 19),
)]  # fmt: skip


@pytest.mark.parametrize("number", ISSUED)
def test_a_card_has_an_issuer_and_a_check_digit(number):
    assert is_card(number)
    assert not is_card(number[:-1] + str((int(number[-1]) + 1) % 10))


@pytest.mark.parametrize(
    "number",
    [luhn("111111111111111"), luhn("561234567890123"), luhn("22201234567890")[:16], "4" * 12, "0" * 16],
)
def test_a_number_without_an_issuer_is_no_card(number):
    assert not is_card(number)


@pytest.mark.parametrize(
    "text", ["GB82WEST12345698765432", "DE89370400440532013000", "KW81CBKU0000000000001234560101"]
)
def test_an_iban_has_a_country_a_length_and_a_check(text):
    assert is_iban(text)
    assert not is_iban(text[:-1] + ("1" if text[-1] != "1" else "2"))
    assert not is_iban(text + "0")
    assert not is_iban("ZZ" + text[2:])


def test_an_iban_that_is_made_up_by_the_rule_is_one():
    assert is_iban(iban("FR", "20041010050500013M02606"))


@pytest.mark.parametrize(
    ("digits", "is_one"),
    [
        (resident(dt.date(1990, 1, 1), 1, 23456), True),
        (resident(dt.date(1985, 12, 31), 2, 34567), True),
        (resident(dt.date(2004, 2, 29), 3, 1), True),
        (resident(dt.date(1990, 1, 1), 5, 23456, alien=True), True),
        ("9013011234567", False),
        ("9002301234567", False),
        (resident(dt.date(1990, 1, 1), 9, 23456), False),
        ("2101013123456", True),
        ("2101014999999", True),
        ("9901013123456", False),
    ],
)
def test_a_resident_number_has_a_birth_date_a_sex_and_before_2020_a_check_digit(digits, is_one):
    assert is_resident_number(digits) == is_one


@pytest.mark.parametrize("wrong", range(1, 10))
def test_a_wrong_check_digit_is_no_resident_number(wrong):
    right = resident(dt.date(1990, 1, 1), 1, 23456)
    assert not is_resident_number(right[:-1] + str((int(right[-1]) + wrong) % 10))


FOUND = {
    "email": ["kim@example.org", "a.b+c@mail.example.co.kr", "user_1@한국.kr", "O'Neil@example.com"],
    "phone": [
        "+82 10-1234-5678", "+1 (212) 555-0123", "+44 20 7946 0958", "+49-30-1234567", "+821012345678",
        "010-1234-5678", "02-123-4567", "(031) 123-4567", "070.1234.5678", "01012345678", "+33.1.23.45.67.89",
        "(212) 555-0123", "212-555-0123", "212.555.0123", "1-212-555-0123", "212-555-0123 x12",
    ],
    "card": ["4111 1111 1111 1111", "4111-1111-1111-1111", "378282246310005", "3782 822463 10005"],
    "resident_number": ["850101-1234561"[:7] + resident(dt.date(1985, 1, 1), 1, 23456)[6:], "210101-3123456", "900101-1******"],
    "ssn": ["123-45-6789", "665-01-0001", "001 01 0001"],
    "ip": ["10.0.0.1", "255.255.255.255", "2001:db8::1", "::1", "fe80::1%eth0"],
    "iban": ["GB82WEST12345698765432", "DE89 3704 0044 0532 0130 00"],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in FOUND.items() for text in texts])
def test_it_is_recognised(kind, text):
    assert kinds([text]) == [kind]


ELSE = {
    "numbers": ["1", "-2.5", "1,234,567", "1e10", "100 %", "+12345678", "-3.14159265358979", "+1.2345678901"],
    "long decimals": [f"{random.Random(n).random():.16f}" for n in range(500)],
    "big numbers": [str(random.Random(n).randrange(10**12, 10**16)) for n in range(2000)],
    "sixteen digits": [str(random.Random(n).randrange(10**15, 10**16)) for n in range(2000)],
    "ten digits": [str(random.Random(n).randrange(10**9, 10**10)) for n in range(2000)],
    "thirteen digits": [str(random.Random(n).randrange(10**12, 10**13)) for n in range(2000)],
    "seconds": [str(1_000_000_000 + 7919 * n) for n in range(2000)],
    "milliseconds": [str(1_700_000_000_000 + 7919 * n) for n in range(2000)],
    "nanoseconds": [str(1_700_000_000_000_000_000 + 7919 * n) for n in range(2000)],
    "dates": ["2024-01-31", "31.12.2024", "01/02/2024", "2024.01.31", "20240131", "02-11-2024", "2024-01-31 10:00"],
    "times": ["12:30:45", "01:02:03.456", "23:59", "1:2:3:4"],
    "versions of two parts": ["1.2", "1.2.3", "v1.2.3.4"],
    "money": ["$1,234.56", "1 234,56 €", "₩12,000"],
    "codes": ["A-1234-5678", "AB12CD34EF56GH78", "ID-000123", "12-34", "1234-5678", "02139-1234", "123-456-789"],
    "bad security numbers": ["000-12-3456", "666-12-3456", "900-12-3456", "123-00-4567", "123-45-0000"],
    "bad resident numbers": ["901301-1234567", "900101-9234567", "123456-7890123"],
    "bad addresses": ["256.1.1.1", "1.2.3", "a@b", "@example.org", "kim@", "x y@z.org"],
    "MAC addresses": ["00:1a:2b:3c:4d:5e"],
    "words": ["Seoul", "New York", "a longer sentence about e-mail @ work"],
    "coordinates": ["37.5665,126.9780", "-33.8688 151.2093"],
    "ISBN and EAN": ["978-3-16-148410-0", "9783161484100", "4006381333931"],
    "blank": ["", " ", "\t"],
}  # fmt: skip


@pytest.mark.parametrize("texts", ELSE.values(), ids=ELSE)
def test_anything_else_is_not(texts):
    assert kinds(texts) == []


def test_versions_are_no_addresses_where_the_column_says_so():
    texts = [f"{n}.0.1.2" for n in range(50)]
    assert kinds(texts) == ["ip"]
    assert kinds(texts, "app_version") == []


@pytest.mark.parametrize("name", ["ssn", "SocialSecurityNumber", "social_security_no"])
def test_security_numbers_without_signs_are_told_by_the_column(name):
    texts = [f"{n % 600 + 1}{12:02}{n + 1:04}" for n in range(500)]
    assert kinds(texts, "amount") == []
    assert kinds(texts, name) == ["ssn"]


@pytest.mark.parametrize("name", ["phone", "mobile_no", "homePhone", "전화번호", "고객 휴대폰"])
def test_phone_numbers_kept_as_integers_are_told_by_the_column(name):
    texts = [str(1012340000 + n) for n in range(500)]
    assert kinds(texts, "amount") == []
    assert kinds(texts, name) == ["phone"]


def test_resident_numbers_kept_as_integers_have_lost_zeros():
    born = dt.date(2001, 3, 4)
    texts = [str(int(resident(born + dt.timedelta(days=n), 3, n))) for n in range(300)]
    assert {len(text) for text in texts} == {12}
    assert kinds(texts) == ["resident_number"]


def test_cards_kept_as_integers_are_found():
    assert kinds([luhn(f"4{n:014}") for n in range(300)]) == ["card"]


def test_resident_numbers_given_anew_are_told_by_the_column():
    texts = [f"80{n % 12 + 1:02}{n % 28 + 1:02}-1{n:06}" for n in range(300)]
    assert personal_of(texts, name="code")[0][1] < 0.2
    assert personal_of(texts, name="주민등록번호") == (("resident_number", 1.0),)


def test_shares_are_told_largest_first():
    texts = ["a@example.org"] * 5 + ["10.0.0.1"] * 3 + ["none", "-"]
    assert personal_of(texts, name="contact") == (("email", 0.5), ("ip", 0.3))


def test_a_few_in_hundred_are_found():
    texts = [f"note {n}" for n in range(950)]
    texts[::20] = [f"p{n}@example.org" for n in range(48)]
    assert personal_of(texts, name="note")[0] == ("email", pytest.approx(48 / 950))


FIRST = ["Anna", "John", "María", "Jean-Luc", "O'Brien", "Kim"]
FULL = [
    "Braund, Mr. Owen Harris",
    "Cumings, Mrs. John Bradley (Florence Briggs Thayer)",
    "Heikkinen, Miss. Laina",
]
KOREAN = ["김민수", "이서연", "박지훈", "최유나", "남궁민"]


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        *((name, FIRST) for name in ("first_name", "FirstName", "LAST NAME", "surname", "patient_name", "middleName", "FULL_NAME", "customerName")),
        ("Name", FULL),
        *((name, KOREAN) for name in ("이름", "성명", "고객명", "환자 이름", "담당자명", "name", "full_name")),
        ("氏名", ["山田太郎", "佐藤 花子"]),
    ],
)  # fmt: skip
def test_names_of_persons_are_told_by_the_column_and_what_is_in_it(name, texts):
    assert kinds(texts, name) == ["name"]


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        *((name, FIRST) for name in ("filename", "file_name", "column_name", "product name", "hostname", "username_hash", "city", "brand_name")),
        *((name, KOREAN) for name in ("상품명", "파일이름", "지역명", "제품 이름")),
        ("name", ["Apple Watch", "Galaxy Phone", "Pixel Tablet"]),
        ("name", ["Seoul", "Busan", "Incheon"]),
        ("이름", ["사과", "바나나", "딸기우유"]),
        ("first_name", ["a1", "b2", "c3"]),
        ("last_name", ["12", "13", "14"]),
    ],
)  # fmt: skip
def test_names_of_other_things_are_not(name, texts):
    assert kinds(texts, name) == []


def test_no_value_is_kept():
    found = personal_of([f"p{n}@example.org" for n in range(50)], name="x")
    assert all(kind in KINDS and isinstance(share, float) for kind, share in found)


def test_nothing_is_found_in_nothing():
    assert personal_of([], name="email") == ()
