from contracts.execution import RunsPart, TaskRunRecord
from services.executor.executions.transfer import Transfers


def part(number: int, transfer_id: str = "t") -> RunsPart:
    run = TaskRunRecord(id=f"r{number}", task_id="a")
    return RunsPart(execution_id="e", transfer_id=transfer_id, number=number, at=1, runs=[run])


def test_all_runs_are_there_once_all_parts_are_in_the_order_of_their_numbers():
    transfers = Transfers()
    transfers.keep(part(1), 5)
    assert transfers.by_id["t"].runs(2) is None
    transfers.keep(part(0), 6)
    assert [run.id for run in transfers.by_id["t"].runs(2) or []] == ["r0", "r1"]
    assert transfers.by_id["t"].runs(1) is None, "one too many"
    assert transfers.by_id["t"].at == 5


def test_a_part_that_comes_twice_counts_once():
    transfers = Transfers()
    for _ in range(2):
        transfers.keep(part(0), 5)
    transfers.keep(part(0, "other"), 5)
    assert transfers.count == 2


def test_what_is_dropped_counts_no_more_and_the_snapshot_hears_of_it():
    transfers = Transfers()
    transfers.keep(part(0), 5)
    transfers.touched.clear()
    transfers.drop("t")
    transfers.drop("nobody")
    assert (transfers.count, list(transfers.by_id), list(transfers.touched)) == (0, [], ["t"])
