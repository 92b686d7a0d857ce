#!/usr/bin/env bash
# Optuna 5.0.0 (PyPI), with SciPy 1.15.3.
# WilcoxonPruner compares a trial with the best one, fold by fold or seed by seed, and prunes it once it is significantly worse. A fold that
# diverged, and is reported as NaN or as infinity, does not count as worse: a trial that diverges on each of 20 folds is never pruned,
# while one whose losses are merely twice as high is pruned on its fourth fold. The worst configurations train to their end.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet optuna==5.0.0 numpy==2.2.6 scipy==1.15.3
cat > "$folder/folds.py" <<'PY'
import math
import warnings
import optuna

optuna.logging.set_verbosity(optuna.logging.CRITICAL)
warnings.simplefilter("ignore")
folds = 20
best = [1 + 0.01 * fold for fold in range(folds)]


def pruned_at(losses):
    """The fold, from 1, at which a trial with these losses is first to be pruned; None if never."""
    study = optuna.create_study(pruner=optuna.pruners.WilcoxonPruner(p_threshold=0.1))
    first, second = study.ask(), None
    for fold, loss in enumerate(best):
        first.report(loss, fold)
    study.tell(first, sum(best) / folds)
    second = study.ask()
    for fold, loss in enumerate(losses):
        second.report(loss, fold)
        if second.should_prune():
            return fold + 1
    return None


found = {
    "twice the losses": pruned_at([2 * loss for loss in best]),
    "NaN on each fold": pruned_at([math.nan] * folds),
    "infinity on each fold": pruned_at([math.inf] * folds),
}
print("; ".join(f"{name}: pruned at fold {fold}" for name, fold in found.items()))
assert list(found.values()) == [4, None, None]
PY
"$folder/env/bin/python" "$folder/folds.py"
