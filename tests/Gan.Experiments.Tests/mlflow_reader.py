"""What MLflow itself finds at a server or in a store, as JSON by run: mlflow_reader.py URI"""

import json
import sys

from mlflow import MlflowClient

client = MlflowClient(sys.argv[1])
runs = {}
for experiment in client.search_experiments():
    token = None
    while True:
        page = client.search_runs([experiment.experiment_id], max_results=100, page_token=token)
        for found in page:
            run = client.get_run(found.info.run_id)
            inputs = run.inputs.dataset_inputs if run.inputs else []
            runs[run.info.run_id] = {
                "experiment": experiment.name,
                "name": run.info.run_name,
                "status": run.info.status,
                "start": run.info.start_time,
                "end": run.info.end_time or 0,
                "artifacts": run.info.artifact_uri,
                "params": run.data.params,
                "tags": run.data.tags,
                "datasets": [[one.dataset.name, one.dataset.digest] for one in inputs],
                "metrics": [
                    [key, one.step, one.timestamp, repr(one.value)]
                    for key in run.data.metrics
                    for one in client.get_metric_history(run.info.run_id, key)
                ],
            }
        token = page.token
        if not token:
            break
json.dump(runs, sys.stdout)
