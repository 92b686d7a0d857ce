"""Unroll from Python: hyperparameter sweeps of recurrent networks. Needs only the standard library."""

from ._client import Client, Refused, Sweep, Trial, Unreachable
from ._study import AskedTrial, Study

__all__ = ["AskedTrial", "Client", "Refused", "Study", "Sweep", "Trial", "Unreachable", "study", "submit", "sweep", "sweeps", "trial"]


def submit(spec, dry_run=False):
    """Submits a sweep to the local stack, or to that of UNROLL_URL. See `Client.submit`."""
    return Client().submit(spec, dry_run=dry_run)


def sweep(id="last"):
    """A sweep by its id, a prefix of it, or "last"."""
    return Client().sweep(id)


def sweeps():
    """All sweeps that are not archived, newest first."""
    return Client().sweeps()


def trial(id="best"):
    """A trial by its id, a prefix of it, "best", "SWEEP:best" or "last"."""
    return Client().trial(id)


def study(space, **options):
    """Creates a study, whose trials are run here: `for trial in study: trial.tell(train(trial.parameters))`. See `Client.study`."""
    return Client().study(space, **options)
