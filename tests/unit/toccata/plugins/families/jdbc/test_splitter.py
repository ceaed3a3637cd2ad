"""Where a script of SQL is cut."""

from __future__ import annotations

import pytest

from toccata.plugins.families.jdbc.run.splitter import Lexis, split


@pytest.mark.parametrize(
    ("script", "statements"),
    [
        ("SELECT 1; SELECT 2;", ["SELECT 1", "SELECT 2"]),
        (" ; ;; ", []),
        ("-- only a remark; really\n/* ; */", []),
        ("SELECT ';' ; SELECT \"a;b\", `c;d`", ["SELECT ';'", 'SELECT "a;b", `c;d`']),
        ("SELECT 'it''s;'; SELECT 2", ["SELECT 'it''s;'", "SELECT 2"]),
        ("SELECT E'it\\'s;'; SELECT 2", ["SELECT E'it\\'s;'", "SELECT 2"]),
        ("SELECT [a;b] FROM t; SELECT x['a;b']", ["SELECT [a;b] FROM t", "SELECT x['a;b']"]),
        ("SELECT 1 -- ;\n; SELECT /* ; */ 2", ["SELECT 1 -- ;", "SELECT /* ; */ 2"]),
        ("SELECT $$;$$; SELECT $a$ $$; $a$", ["SELECT $$;$$", "SELECT $a$ $$; $a$"]),
        ("SELECT $1; SELECT $2", ["SELECT $1", "SELECT $2"]),
        ("DO $$ BEGIN a; END $$; SELECT 1", ["DO $$ BEGIN a; END $$;", "SELECT 1"]),
        ("BEGIN; INSERT INTO a VALUES (1); COMMIT", ["BEGIN", "INSERT INTO a VALUES (1)", "COMMIT"]),
        ("BEGIN TRANSACTION; SELECT 1", ["BEGIN TRANSACTION", "SELECT 1"]),
        ("BEGIN a; IF b THEN c; END IF; END; SELECT 1", ["BEGIN a; IF b THEN c; END IF; END;", "SELECT 1"]),
        (
            "BEGIN x := CASE WHEN a THEN 1 END; CASE y WHEN 1 THEN b; END CASE; END; SELECT 1",
            ["BEGIN x := CASE WHEN a THEN 1 END; CASE y WHEN 1 THEN b; END CASE; END;", "SELECT 1"],
        ),
        ("SELECT CASE WHEN a THEN 1 END; SELECT 2", ["SELECT CASE WHEN a THEN 1 END", "SELECT 2"]),
        (
            "CREATE TRIGGER t AFTER INSERT ON x BEGIN SELECT 1; SELECT 2; END; SELECT 3",
            ["CREATE TRIGGER t AFTER INSERT ON x BEGIN SELECT 1; SELECT 2; END;", "SELECT 3"],
        ),
        (
            "CREATE TRIGGER t BEFORE INSERT ON x EXECUTE FUNCTION f(); SELECT 1",
            ["CREATE TRIGGER t BEFORE INSERT ON x EXECUTE FUNCTION f()", "SELECT 1"],
        ),
        (
            "CREATE OR REPLACE PROCEDURE p IS v int; BEGIN a; END; SELECT 1",
            ["CREATE OR REPLACE PROCEDURE p IS v int; BEGIN a; END;", "SELECT 1"],
        ),
        (
            "CREATE FUNCTION f() RETURNS int AS $$ BEGIN a; END $$ LANGUAGE plpgsql; SELECT 1",
            ["CREATE FUNCTION f() RETURNS int AS $$ BEGIN a; END $$ LANGUAGE plpgsql", "SELECT 1"],
        ),
        (
            "CREATE PACKAGE p AS PROCEDURE a; FUNCTION b RETURN int; END p; SELECT 1",
            ["CREATE PACKAGE p AS PROCEDURE a; FUNCTION b RETURN int; END p;", "SELECT 1"],
        ),
        ("DECLARE v int; BEGIN a; END; SELECT 1", ["DECLARE v int; BEGIN a; END;", "SELECT 1"]),
        ("DECLARE @v int = 1; SELECT @v", ["DECLARE @v int = 1", "SELECT @v"]),
        ("DECLARE c CURSOR FOR SELECT 1; FETCH c", ["DECLARE c CURSOR FOR SELECT 1", "FETCH c"]),
        ("SELECT a AS begin; SELECT 2", ["SELECT a AS begin", "SELECT 2"]),
        ("SELECT 'not closed; SELECT 2", ["SELECT 'not closed; SELECT 2"]),
    ],
)
def test_it_is_cut_at_semicolons_of_its_own(script: str, statements: list[str]) -> None:
    assert [each.text for each in split(script)] == statements


def test_a_statement_knows_its_line() -> None:
    assert [each.line for each in split("SELECT 1;\n\n-- a remark\nSELECT\n2; SELECT 3")] == [1, 4, 5]


def test_backslashes_and_hashes_count_where_the_database_says_so() -> None:
    script = "SELECT 'it\\'s;' # ;\n; SELECT 2"
    assert len(split(script, Lexis(backslashes=True, hash_comments=True))) == 2


def test_a_long_script_takes_a_time_that_grows_with_its_length() -> None:
    assert len(split("INSERT INTO t VALUES ('a', 1);\n" * 20_000)) == 20_000
