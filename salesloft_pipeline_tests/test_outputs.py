"""Names and addresses stand only where they may: of reps in what their leaders get, of prospects in no page or report.

    a simulated team  ->  main_job, reports, exports  ->  every file that was written, searched for everybody

The serving copy holds what METRICS gives dim_user and dim_person: a rep's name and address, the name that SalesLoft
shows of a person. Addresses and numbers of people are in no file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from click.testing import CliRunner

from salesloft_pipeline.cli import main
from salesloft_pipeline.transform.serving import SERVED
from salesloft_pipeline_tests.house import House

# Columns in which people may be named, and reps.
PEOPLE_IN = {"dim_person.display_name"}
REPS_IN = {f"{table}.user_name" for table in ("dim_user", "dim_user_history", "v_daily_engagement")}
ADDRESSES_IN = {"dim_user.email"}
Found = dict[str, set[str]]


@pytest.fixture
def outputs(house: House) -> Path:
    """The folder with everything that looking at a team leaves: copy, page, reports of all and each team, exports."""
    assert house.run("main_job").success
    some = teams(house)[:2]
    for arguments in (
        *(["report", name, "--audience", f"all,{','.join(some)}"] for name in ("daily", "weekly")),
        ["report", "monthly"],
        *(["export", "--format", form, "--to", f"export/{form}"] for form in ("csv", "parquet", "xlsx")),
    ):
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 0, result.output
    return house.folder


def teams(house: House) -> list[str]:
    found = house.scene.warehouse.query(
        "select distinct group_id from mart.dim_user_history where group_id <> -1"
    )
    return [str(team) for (team,) in found]


def test_nobody_is_named_where_they_should_not(outputs: Path, house: House) -> None:
    """Each file of each form, against all people and all reps of the team."""
    ask = house.scene.warehouse.query
    people = [
        name for (name,) in ask("select display_name from raw_salesloft.people where display_name like '% %'")
    ]
    reps = dict(ask("select name, email from raw_salesloft.users where name like '% %'"))
    secret = [
        text
        for (text,) in ask(
            """select unnest([email_address, secondary_email_address, personal_email_address, phone, mobile_phone, home_phone])
            from raw_salesloft.people"""
        )
        if text
    ]
    assert min(map(len, (people, reps, secret))) > 3
    tables, texts = in_tables(outputs), in_texts(outputs)
    assert where(secret, tables | texts) == set()
    assert where(people, tables) == PEOPLE_IN
    assert where(people, texts) == set()
    assert where(list(reps), tables) <= REPS_IN
    assert where(list(reps.values()), tables) == ADDRESSES_IN
    assert where(list(reps.values()), texts) == set()
    named = where(list(reps), texts)
    assert "dashboard.html" in named
    assert any(place.startswith("weekly-") for place in named)
    assert not {place for place in named if "-all." in place}
    assert read_of_strangers(house, texts) == set()


def read_of_strangers(house: House, texts: Found) -> set[str]:
    """Reports of teams that name a rep who never was in them."""
    were_in = house.scene.warehouse.query(
        "select user_name, list(distinct group_id) from mart.dim_user_history where user_id <> -1 group by user_name"
    )
    found: set[str] = set()
    for team in teams(house):
        strangers = [name for name, their_teams in were_in if int(team) not in their_teams]
        assert strangers
        found |= where(strangers, {place: told for place, told in texts.items() if f"-{team}." in place})
    return found


def where(needles: list[str], places: Found) -> set[str]:
    """The places in which one of the needles stands."""
    return {
        place for place, told in places.items() if any(needle in text for text in told for needle in needles)
    }


def in_tables(folder: Path) -> Found:
    """The texts of each column of each table, of the copy and of every export."""
    serving, export = folder / "data/serving", folder / "export"
    found: Found = {}
    with duckdb.connect(serving / "salesloft.duckdb", read_only=True) as copy:
        for name in SERVED:
            frames = [
                copy.sql(f"from mart.{name}").df(),
                pd.read_parquet(serving / "parquet" / f"{name}.parquet"),
                pd.read_parquet(export / "parquet" / f"{name}.parquet"),
                pd.read_csv(export / "csv" / f"{name}.csv", dtype=str),
                pd.read_excel(export / "xlsx" / f"{name}.xlsx", engine="calamine", dtype=str),
            ]
            for column in frames[0].columns:
                found[f"{name}.{column}"] = {
                    str(value) for frame in frames for value in frame[column].unique()
                }
    return found


def in_texts(folder: Path) -> Found:
    """Every page, and every report in every form, as people and as programs read it."""
    paths = [*(folder / "data/serving").glob("*.html"), *(folder / "data/serving/reports").iterdir()]
    return {path.name: set(_spellings(path.read_text(encoding="utf-8"))) for path in paths}


def _spellings(text: str) -> Iterator[str]:
    yield text
    yield text.replace("\\", "")
    # What JSON in a page makes of letters beyond ASCII.
    yield re.sub(r"\\u([0-9a-f]{4})", lambda code: chr(int(code[1], 16)), text)
    yield json.dumps(text, ensure_ascii=False)
