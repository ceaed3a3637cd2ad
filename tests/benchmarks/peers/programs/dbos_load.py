"""DBOS's side of the work. It runs in the process of the application, so this program is also the client.

Reads lines of JSON from standard input: ``{"offer": [per_minute, seconds]}`` or ``{"sequence": true}``. Answers with a line each.
"""

import asyncio
import json
import logging
import sys
import time

from dbos import DBOS

log = logging.getLogger("bench")


@DBOS.step()
async def out(number: int) -> str:
    return f"value {number}"


@DBOS.step()
async def say(value: str) -> None:
    log.info("hello %s", value)


@DBOS.workflow()
async def two(number: int) -> str:
    value: str = await out(number)
    await say(value)
    return value


@DBOS.workflow()
async def forty(number: int) -> str:
    for _ in range(40):
        await say(str(number))
    return "done"


async def offer(per_minute: float, seconds: float) -> dict[str, object]:
    interval, count = 60 / per_minute, int(per_minute * seconds / 60)
    begin = time.perf_counter() + 0.1
    latencies: list[float] = []
    last = begin

    async def one(number: int, at: float) -> None:
        nonlocal last
        handle = await DBOS.start_workflow_async(two, number)
        await handle.get_result(polling_interval_sec=0.01)
        last = time.perf_counter()
        latencies.append((last - at) * 1000)

    tasks = []
    for number in range(count):
        at = begin + number * interval
        pause = at - time.perf_counter()
        if pause > 0:
            await asyncio.sleep(pause)
        tasks.append(asyncio.ensure_future(one(number, at)))
    _, late = await asyncio.wait(tasks, timeout=30)
    for task in late:
        task.cancel()
    return {"latencies_ms": latencies, "missing": len(late), "seconds": last - begin}


async def sequence() -> float:
    began = time.perf_counter()
    handle = await DBOS.start_workflow_async(forty, 1)
    await handle.get_result(polling_interval_sec=0.01)
    return time.perf_counter() - began


async def main() -> None:
    DBOS(config={"name": "bench", "system_database_url": sys.argv[1], "run_admin_server": False})
    DBOS.launch()
    print(json.dumps("ready"), flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        order = json.loads(line)
        answer = await offer(*order["offer"]) if "offer" in order else await sequence()
        print(json.dumps(answer), flush=True)
    DBOS.destroy()


asyncio.run(main())
