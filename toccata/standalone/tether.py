"""Turns into another program that dies with its parent, and that gives up root if an account is named.

`child.py` runs this as a script, so that the supervisor needs no code between fork and exec.
PostgreSQL refuses to run as root, and another user cannot reach files under a closed home directory. So the chosen
user keeps one ambient capability, DAC_OVERRIDE. It opens the directories above, and PostgreSQL still sees a user that
is not root. The wheel's own way adds a system account and runs `chmod o+x` up to the file system's root. It was
rejected because it changes the machine.
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_KEEPCAPS = 8
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAP_DAC_OVERRIDE = 1
_CAPABILITY_VERSION_3 = 0x20080522


def _keep_only_dac_override(libc: ctypes.CDLL) -> None:
    """Without the capability, as in some containers, this changes nothing. Open directories still work."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    bit = 1 << _CAP_DAC_OVERRIDE
    data = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
    if libc.capset(header, data) == 0:
        libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0)


def main(arguments: list[str]) -> None:
    parent, death_signal, user, group = (int(argument) for argument in arguments[:4])
    program = arguments[4:]
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
    if user >= 0:
        if libc is not None:
            libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)
        if libc is not None:
            _keep_only_dac_override(libc)
    if libc is not None:
        # This comes after the change of user, which would clear it.
        libc.prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the parent died before its child began")
    os.execv(program[0], program)  # noqa: S606 (no shell is wanted here)


if __name__ == "__main__":
    main(sys.argv[1:])
