"""Searches and results of other tools, written or read by the tools themselves: `searches.py WHAT ARGUMENT`; prints JSON."""

import json
import sys


def draw_wandb(path):
    """The least and the largest of many draws of each parameter of a W&B sweep, by the package that W&B draws with; all of a list."""
    import sweeps
    import yaml

    with open(path) as file:
        config = yaml.safe_load(file)
    drawn = {}
    for _ in range(400):
        run = sweeps.next_run(config, [])
        for name, each in run.config.items():
            value = each["value"]
            drawn.setdefault(name, set()).add(value.item() if hasattr(value, "item") else value)
    return {"tool": f"wandb/sweeps {sweeps.__version__}", "drawn": {name: sorted(values, key=str) for name, values in drawn.items()}}


def write_optuna(path):
    """A journal of a study of several kinds of parameters, with pruned and failed trials."""
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = JournalStorage(JournalFileBackend(path)) if isinstance(path, str) else path
    study = optuna.create_study(study_name="theirs", storage=storage)

    def objective(trial):
        rate = trial.suggest_float("lr", 1e-4, 1e-1, log=True)
        units = trial.suggest_int("units", 16, 64, step=16)
        dropout = trial.suggest_float("dropout", 0, 0.5, step=0.1)
        cell = trial.suggest_categorical("cell", ["lstm", "gru"])
        trial.report(float("nan") if trial.number == 2 else rate, 1)
        if trial.number == 3:
            raise optuna.TrialPruned()
        return float("inf") if trial.number == 4 else rate * units + dropout + (cell == "gru")

    study.optimize(objective, n_trials=12)
    return {"tool": f"Optuna {optuna.__version__}", "trials": trials_of(study)}


def write_optuna_branches(path):
    """A journal of a study whose parameters depend on others, with what its trials reported on the way."""
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = JournalStorage(JournalFileBackend(path)) if isinstance(path, str) else path
    study = optuna.create_study(study_name="branches", storage=storage, sampler=optuna.samplers.RandomSampler(seed=4))

    def objective(trial):
        total = 0
        if trial.suggest_categorical("optimizer", ["adam", "sgd"]) == "sgd":
            total += trial.suggest_float("momentum", 0, 0.9)
            if trial.suggest_categorical("nesterov", [True, False]):
                total += trial.suggest_float("dampening", 0, 1)
        rate = trial.suggest_float("lr", 1e-4, 1e-1, log=True)
        for layer in range(trial.suggest_int("layers", 1, 3)):
            total += rate * trial.suggest_int(f"units_{layer}", 4, 128, log=True)
        for epoch in range(4):
            value = total + 1 / (epoch + 1)
            trial.report(float("nan") if trial.number == 3 and epoch == 1 else value, epoch)
            if trial.number in (5, 6) and epoch == 2:
                raise optuna.TrialPruned()
        if trial.number == 7:
            raise ValueError("failed")
        return value

    study.optimize(objective, n_trials=25, catch=(ValueError,))
    return {"tool": f"Optuna {optuna.__version__}", "trials": branches_of(study)}


def write_optuna_branches_sqlite(path):
    """The same in a database of SQLite."""
    import optuna

    return write_optuna_branches(optuna.storages.RDBStorage(f"sqlite:///{path}"))


def branches_of(study):
    """The completed trials, by the last part of the names of their parameters, and what they reported; NaN as null."""
    return [
        {
            "params": {name.removesuffix(".kind").split(".")[-1]: value for name, value in trial.params.items()},
            "value": trial.value,
            "reports": [None if value != value else value for _, value in sorted(trial.intermediate_values.items())],
        }
        for trial in study.trials
        if trial.state.name == "COMPLETE"
    ]


def read_optuna_branches(path):
    """The trials of an exported study, whether a pruner stops a bad one by their reports, and how many of them have a curve to plot."""
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = JournalStorage(JournalFileBackend(path)) if isinstance(path, str) else path
    study = optuna.load_study(study_name=None, storage=storage, pruner=optuna.pruners.MedianPruner(n_startup_trials=1))
    found = branches_of(study)
    trial = study.ask()
    trial.report(1e9, 2)
    curves = sum(len(each.intermediate_values) > 1 for each in study.trials)
    return {"tool": f"Optuna {optuna.__version__}", "trials": found, "prunes": bool(trial.should_prune()), "curves": curves}


def read_optuna_branches_sqlite(path):
    import optuna

    return read_optuna_branches(optuna.storages.RDBStorage(f"sqlite:///{path}"))


def write_ray(path):
    """An experiment of Ray Tune whose trials report curves, one of them with NaN."""
    import os

    os.environ["RAY_AIR_NEW_OUTPUT"] = "0"
    import ray
    from ray import tune

    ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False, logging_level="ERROR")

    def train(config):
        for step in range(1, 4):
            loss = config["lr"] * config["units"] + 1 / step + (config["cell"] == "gru")
            tune.report({"val_loss": float("nan") if config["units"] == 16 and step == 2 else loss})

    space = {"lr": tune.loguniform(1e-4, 1e-1), "units": tune.choice([16, 32, 64]), "cell": tune.choice(["lstm", "gru"]), "fixed": 7}
    tuner = tune.Tuner(
        train,
        param_space=space,
        tune_config=tune.TuneConfig(num_samples=6, metric="val_loss", mode="min"),
        run_config=tune.RunConfig(name="lstm", storage_path=path, verbose=0),
    )
    results = tuner.fit()
    trials = [{"params": each.config, "last": each.metrics.get("val_loss")} for each in results]
    ray.shutdown()
    return {"tool": f"Ray Tune {ray.__version__}", "trials": trials}


def write_optuna_sqlite(path):
    """The same study as that of write_optuna, in a database of SQLite."""
    import optuna

    return write_optuna(optuna.storages.RDBStorage(f"sqlite:///{path}"))


def read_optuna(path):
    """What Optuna reads in a journal, and whether it goes on from there."""
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = JournalStorage(JournalFileBackend(path)) if isinstance(path, str) else path
    study = optuna.load_study(study_name=None, storage=storage)
    found = trials_of(study)
    distributions = study.trials[0].distributions
    trial = study.ask(distributions)
    study.tell(trial, 1.0)
    study.best_trial
    return {"tool": f"Optuna {optuna.__version__}", "trials": found, "goal": study.direction.name.lower(), "asked": sorted(trial.params)}


def read_optuna_sqlite(path):
    """The same of a database of SQLite, whose version Optuna checks, and which it does not have to upgrade."""
    import optuna

    storage = optuna.storages.RDBStorage(f"sqlite:///{path}")
    return {**read_optuna(storage), "versions": [storage.get_current_version(), storage.get_head_version()]}


def trials_of(study):
    import math

    return [
        {"params": trial.params, "value": trial.value}
        for trial in study.trials
        if trial.state.name == "COMPLETE" and math.isfinite(trial.value)
    ]


def write_katib(path):
    """An experiment by the models of Katib's SDK."""
    from importlib.metadata import version

    import yaml
    from kubeflow import katib
    from kubernetes import client

    def parameter(name, kind, **space):
        return katib.V1beta1ParameterSpec(name=name, parameter_type=kind, feasible_space=katib.V1beta1FeasibleSpace(**space))

    def written(model):
        if isinstance(model, list):
            return [written(each) for each in model]
        names = getattr(model, "attribute_map", None)
        if names is None:
            return model
        return {name: written(getattr(model, key)) for key, name in names.items() if getattr(model, key) is not None}

    spec = katib.V1beta1ExperimentSpec(
        objective=katib.V1beta1ObjectiveSpec(type="maximize", goal=0.99, objective_metric_name="accuracy"),
        algorithm=katib.V1beta1AlgorithmSpec(algorithm_name="tpe"),
        max_trial_count=12,
        parallel_trial_count=3,
        parameters=[
            parameter("lr", "double", min="0.001", max="0.1", distribution="logUniform"),
            parameter("units", "int", min="16", max="64", step="16"),
            parameter("cell", "categorical", list=["lstm", "gru"]),
            parameter("dropout", "discrete", list=["0", "0.5"]),
        ],
    )
    experiment = katib.V1beta1Experiment(
        api_version="kubeflow.org/v1beta1", kind="Experiment", metadata=client.V1ObjectMeta(name="lstm"), spec=spec
    )
    with open(path, "w") as file:
        yaml.dump(written(experiment), file)
    return {"tool": f"kubeflow-katib {version('kubeflow-katib')}"}


def read_tensorboard(folder):
    """All scalars of a folder of event files, by run and tag."""
    import tensorboard
    from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer

    runs = EventMultiplexer(size_guidance={"scalars": 0}).AddRunsFromDirectory(folder).Reload()
    found = {
        run: {tag: [[each.step, each.value] for each in runs.Scalars(run, tag)] for tag in tags["scalars"]}
        for run, tags in runs.Runs().items()
    }
    return {"tool": f"TensorBoard {tensorboard.__version__}", "runs": found}



def read_mlflow(url):
    """All metrics of all runs of a server, by the trial that the name of a run begins with."""
    import mlflow

    client = mlflow.MlflowClient(url)
    found = {}
    for experiment in client.search_experiments():
        for run in client.search_runs([experiment.experiment_id]):
            history = {
                key: [[each.step, each.value] for each in client.get_metric_history(run.info.run_id, key)] for key in run.data.metrics
            }
            found[run.info.run_name.split()[0]] = {"metrics": history, "params": run.data.params, "status": run.info.status}
    return {"tool": f"MLflow {mlflow.__version__}", "runs": found}


tools = {
    each.__name__: each
    for each in (
        *(write_optuna_branches, write_optuna_branches_sqlite, read_optuna_branches, read_optuna_branches_sqlite),
        *(draw_wandb, write_optuna, write_optuna_sqlite, read_optuna, read_optuna_sqlite, write_katib, write_ray, read_tensorboard, read_mlflow),
    )
}
# Others may print on the standard output too.
print(f"\n{json.dumps(tools[sys.argv[1]](sys.argv[2]))}")
