"""The simulated vendor in a process of its own, for tests."""

import subprocess
from pathlib import Path

BUILT = Path(__file__).parents[3] / "target" / "debug"


def simulate(case, *options):
    """Starts the simulator for the tests of a class. Answers the settings that lead to it."""
    simulator = subprocess.Popen(
        [BUILT / "proofpoint", "simulate", "--port", "0", "--calls-per-minute", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    case.addClassCleanup(simulator.__exit__, None, None, None)
    case.addClassCleanup(simulator.terminate)
    settings = {"ctr_calls_per_minute": "0"}
    # PROOFPOINT_CTR_BASE_URL=http://127.0.0.1:… is the key ctr_base_url; the hosts of screenshots come last.
    while "itm_screenshot_hosts" not in settings:
        key, value = simulator.stdout.readline().strip().split("=", 1)
        settings[key.removeprefix("PROOFPOINT_").lower()] = value
    return settings
