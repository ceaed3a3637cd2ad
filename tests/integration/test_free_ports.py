"""The free ports that neighbouring systems choose."""

from __future__ import annotations

import random

from toccata.standalone.port import free_port


def test_processes_with_the_same_seed_do_not_choose_the_same_ports():
    """Test runners seed the common random generator equally in each of their processes."""
    chosen = []
    for _ in range(2):
        random.seed(1)
        chosen.append([free_port() for _ in range(5)])
    assert chosen[0] != chosen[1]
