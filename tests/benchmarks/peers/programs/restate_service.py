"""Restate's side of the work, run by hypercorn with Restate's Python SDK: two steps, and forty."""

import logging

import restate

log = logging.getLogger("bench")
two = restate.Service("two")
forty = restate.Service("forty")


@two.handler("run")
async def run_two(ctx: restate.Context, number: int) -> str:
    value: str = await ctx.run_typed("out", lambda: f"value {number}")
    await ctx.run_typed("log", lambda: log.info("hello %s", value))
    return value


@forty.handler("run")
async def run_forty(ctx: restate.Context, number: int) -> str:
    for step in range(40):
        await ctx.run_typed(f"t{step}", lambda: log.info("hello %s", number))
    return "done"


app = restate.app([two, forty])
