"""Runs torchrun in this process, with the protocol's descriptors left open for its workers: `python -m trainyard_torchrun …`."""

import functools
import os
import subprocess
import sys

from torch.distributed import run
from trainyard import DOWN, UP

if __name__ == "__main__":
    for descriptor in (UP, DOWN):
        os.set_inheritable(descriptor, True)
    # torchrun starts its workers by Popen, which closes all descriptors but the standard ones.
    subprocess.Popen.__init__ = functools.partialmethod(subprocess.Popen.__init__, close_fds=False)
    run.main(sys.argv[1:])
