"""The deployment files agree with the code: commands, settings, ports, checks of health, versions, pinned packages."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import distributions, requires
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import kubernetes_validate
import pytest
import yaml
from celery.bin.celery import celery as celery_cli
from dagster._cli import cli as dagster_cli
from dagster._core.instance.config import dagster_instance_config
from dagster._daemon.cli import cli as daemon_cli
from dagster_webserver.cli import cli as webserver_cli
from dagster_webserver.webserver import DagsterWebserver
from packaging.requirements import Requirement
from starlette.routing import Route

from salesloft_pipeline.cli import main
from salesloft_pipeline.landing import Landing
from salesloft_pipeline.receiver import ReceiverConfig, create_app
from salesloft_pipeline.settings import Settings
from salesloft_pipeline.simulator import __main__ as simulator

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
RECEIVER, SERVICE, BUDGET = yaml.safe_load_all((DEPLOY / "kubernetes/receiver.yaml").read_text())
(POD,) = RECEIVER["spec"]["template"]["spec"]["containers"]
CHART: dict[str, Any] = yaml.safe_load((DEPLOY / "kubernetes/dagster.yaml").read_text())
(CODE,) = CHART["dagster-user-deployments"]["deployments"]
BESIDE = (DEPLOY / "requirements.in").read_text()
INSTANCE: dict[str, Any] = yaml.safe_load((ROOT / "dagster.yaml").read_text())

PROGRAMS: dict[str, click.Command] = {
    "celery": celery_cli,
    "salesloft-pipeline": main,
    "dagster": dagster_cli,
    "dagster-daemon": daemon_cli,
    "dagster-webserver": webserver_cli,
}
# Read by Python, pip, Dagster and dlt, not by us.
FOREIGN = {
    *("PATH", "PYTHONUNBUFFERED", "PIP_DISABLE_PIP_VERSION_CHECK", "PIP_NO_CACHE_DIR"),
    *("DAGSTER_HOME", "DAGSTER_DISABLE_TELEMETRY", "RUNTIME__DLTHUB_TELEMETRY"),
}
SETTINGS = {name.upper() for name in Settings.model_fields} | {"DAGSTER_POSTGRES_URL", "CELERY_BROKER_URL"}


def locked(path: Path) -> dict[str, str]:
    """Package to its lines: version and hashes."""
    blocks = re.split(r"^(?=\w)", path.read_text(), flags=re.MULTILINE)
    return {re.split(r"[=\[ ]", block)[0] + _marker(block): block for block in blocks if block.strip()}


def _marker(block: str) -> str:
    return block.partition(" ; ")[2].partition("\\")[0].strip()


IMAGE_LOCK, LOCK = locked(DEPLOY / "requirements.lock"), locked(ROOT / "requirements.lock")


def commands() -> Iterator[list[str]]:
    """Every command that a container is given, checks of its health included."""
    for service in OURS.values():
        words = service["command"]
        yield from map(shlex.split, words[2].split("&&")) if words[:2] == ["sh", "-c"] else [words]
        if check := service.get("healthcheck", {}).get("test"):
            yield shlex.split(check[1]) if check[0] == "CMD-SHELL" else check[1:]
    yield POD["command"]
    yield ["dagster", "api", "grpc", *CODE["dagsterApiGrpcArgs"], "--port", str(CODE["port"])]
    yield from (yaml.safe_load(words) for words in re.findall(r"CMD (\[.*\])$", DOCKERFILE, re.MULTILINE))


def option(command: list[str], name: str) -> str:
    """The value after an option."""
    return command[command.index(name) + 1]


@pytest.mark.parametrize("command", [c for c in commands() if c[0] != "python"], ids=" ".join)
def test_a_command_can_be_given(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The program has this command with these options; nothing is run."""
    program, words = PROGRAMS[command[0]], command[1:]
    about = None
    if words[0] == "--app":
        about, words = SimpleNamespace(app=import_module(words[1]).app), words[2:]
    while isinstance(program, click.Group):
        program, words = program.commands[words[0]], words[1:]
    program.make_context(command[0], words, obj=about)
    if command[:2] == ["salesloft-pipeline", "simulator"]:
        given: dict[str, Any] = {}
        monkeypatch.setattr(simulator, "serve", given.update)
        simulator.main(words)
        assert given["port"] == 8900


@pytest.mark.parametrize("command", [c for c in commands() if c[0] == "python"], ids=lambda c: c[2][-45:])
def test_a_check_of_health_asks_what_is_answered(command: list[str]) -> None:
    """It is Python, and its address is a route of the receiver or of the webserver; or it only knocks."""
    compile(command[2], "<healthcheck>", "exec")
    routes = {8088: receiver_paths(), 3000: {route.path for route in webserver_routes()}}
    if "urlopen" in command[2]:
        found = re.search(r"http://127\.0\.0\.1:(\d+)(/[\w/]+)'", command[2])
        assert found
        assert found[2] in routes[int(found[1])]


def receiver_paths() -> set[str]:
    app = create_app(ReceiverConfig(tokens=()), Landing("sqlite:///nowhere.sqlite"))
    return {route.path for route in app.routes if isinstance(route, Route)}


def webserver_routes() -> list[Route]:
    webserver = DagsterWebserver.__new__(DagsterWebserver)  # its routes ask nothing of it
    webserver._app_path_prefix = ""  # type: ignore[attr-defined]
    return [route for route in webserver.build_routes() if isinstance(route, Route)]


def test_probes_ask_what_is_answered() -> None:
    """Kubernetes asks the receiver's own addresses, at the port it listens on, and the service leads there."""
    probes = [POD[f"{kind}Probe"]["httpGet"] for kind in ("liveness", "readiness", "startup")]
    assert {probe["path"] for probe in probes} <= receiver_paths()
    (port,) = POD["ports"]
    assert (
        {probe["port"] for probe in probes} == {port["name"]} == {SERVICE["spec"]["ports"][0]["targetPort"]}
    )
    assert str(port["containerPort"]) == option(POD["command"], "--port")
    labels = RECEIVER["spec"]["template"]["metadata"]["labels"]
    assert labels == SERVICE["spec"]["selector"] == BUDGET["spec"]["selector"]["matchLabels"]
    assert RECEIVER["spec"]["replicas"] > BUDGET["spec"]["minAvailable"]


@pytest.mark.parametrize("name", [name for name in OURS if "--port" in OURS[name]["command"]])
def test_ports_agree(name: str) -> None:
    """Where a container listens, there it is asked for its health, and that is what is published."""
    service = OURS[name]
    port = option(service["command"], "--port")
    assert re.findall(r"\b\d{4,5}\b", str(service["healthcheck"]["test"])) == [port]
    # To this machine alone: TLS, and who may look, is for a proxy.
    assert all(re.fullmatch(rf"127\.0\.0\.1:[\d-]+:{port}", each) for each in service.get("ports", []))


def test_the_code_is_found_where_it_listens() -> None:
    """workspace.yaml names the service and its port; the receiver's port is the image's."""
    (place,) = yaml.safe_load((DEPLOY / "workspace.yaml").read_text())["load_from"]
    server = place["grpc_server"]
    assert str(server["port"]) == option(OURS[server["host"]]["command"], "--port")
    assert f"EXPOSE {option(OURS['receiver']['command'], '--port')}" in DOCKERFILE


def test_no_setting_is_made_up() -> None:
    """Every variable that a container of ours is given is a setting, with a value that it takes."""
    for service in OURS.values():
        given = {name: re.sub(r"\$\{.*?\}", "", value) for name, value in service["environment"].items()}
        assert given.keys() <= SETTINGS
        Settings.model_validate({name.lower(): value for name, value in given.items() if value})
    environments = re.findall(r"(?:^ENV |^    )([A-Z_]+=.*?)\\?$", DOCKERFILE, re.MULTILINE)
    named = {pair.partition("=")[0] for line in environments for pair in line.split()}
    assert "DAGSTER_HOME" in named
    assert named <= SETTINGS | FOREIGN


def test_images_have_a_version() -> None:
    """None is `latest`, and ours is the version of the package, in compose and in Kubernetes."""
    images = {*re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE), *(s["image"] for s in SERVICES.values())}
    chart = f"{CODE['image']['repository']}:{CODE['image']['tag']}"
    ours = {service["image"] for service in OURS.values()}
    assert ours == {POD["image"]} == {chart} == {f"salesloft-pipeline:{PROJECT['version']}"}
    assert all(re.fullmatch(r"[a-z-]+:\d[\w.-]*", image) for image in images | ours), images


def test_the_image_is_not_root_and_holds_what_it_copies() -> None:
    """A user by number in both places; every COPY is a file that .dockerignore lets in."""
    (user,) = re.findall(r"^USER (\d+)$", DOCKERFILE, re.MULTILINE)
    assert int(user) == RECEIVER["spec"]["template"]["spec"]["securityContext"]["runAsUser"]
    admitted = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")
    }
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    }
    assert copied == admitted
    assert all((ROOT / path).exists() for path in copied)
    assert (DEPLOY / "databases.sql").exists()


def test_the_image_has_the_locked_packages_and_no_more() -> None:
    """The same versions and hashes as the tests run with, all that is asked for, and nothing of development."""
    shared = IMAGE_LOCK.keys() & LOCK.keys()
    assert {name for name in shared if IMAGE_LOCK[name] != LOCK[name]} == set()
    assert all("--hash=sha256:" in block for block in IMAGE_LOCK.values())
    needed = {Requirement(each).name for each in PROJECT["dependencies"]}
    beside = {Requirement(line).name for line in BESIDE.splitlines() if not line.startswith("#")}
    assert {name.replace(".", "-") for name in needed | beside} <= IMAGE_LOCK.keys()
    development = {Requirement(each).name for each in PROJECT["optional-dependencies"]["dev"]}
    assert not (development - beside - brought_by_others()) & IMAGE_LOCK.keys()


def brought_by_others() -> set[str]:
    """What packages of the image ask for themselves, whether or not the tests name it too."""
    installed = {each.name.lower() for each in distributions()} & IMAGE_LOCK.keys()
    asked = [Requirement(each) for name in installed for each in requires(name) or ()]
    return {each.name for each in asked if not (each.marker and "extra" in str(each.marker))}


def test_kubernetes_runs_by_the_same_rules(tmp_path: Path) -> None:
    """The chart is of Dagster's version, Dagster takes what it makes of our values, and limits and retries are ours."""
    version = re.search(r"==([\d.]+)", IMAGE_LOCK["dagster"])
    assert version
    text = (DEPLOY / "kubernetes/dagster.yaml").read_text()
    assert set(re.findall(r"(?<=version )\d[\d.]+", text)) == {version[1]}
    limits = as_rendered({name: CHART["concurrency"][name] for name in ("pools", "runs")})
    # As the chart writes it: without limits of its own, for Dagster takes them from one place only.
    queue = {"module": "dagster.core.run_coordinator", "class": "QueuedRunCoordinator"}
    rendered = {"concurrency": limits, "run_coordinator": queue}
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump(rendered))
    dagster_instance_config(str(tmp_path))
    assert CHART["concurrency"]["enabled"]
    assert limits["runs"] == INSTANCE["concurrency"]["runs"]
    retries, monitoring = CHART["dagsterDaemon"]["runRetries"], CHART["dagsterDaemon"]["runMonitoring"]
    assert list(retries.values()) == list(INSTANCE["run_retries"].values())
    assert monitoring["startTimeoutSeconds"] == INSTANCE["run_monitoring"]["start_timeout_seconds"]
    # Where one pool's places are said: in the chart's file, and for compose by a command.
    places = option([*shlex.split(OURS["setup"]["command"][2])], "warehouse")
    assert int(places) == limits["pools"]["default_limit"] > 2


def as_rendered(value: Any) -> Any:
    """The chart's values as its dagster.yaml has them: max_concurrent_runs for maxConcurrentRuns."""
    if isinstance(value, list):
        return [as_rendered(each) for each in value]
    if isinstance(value, dict):
        return {re.sub("(?=[A-Z])", "_", name).lower(): as_rendered(each) for name, each in value.items()}
    return value


@pytest.mark.parametrize("manifest", [RECEIVER, SERVICE, BUDGET], ids=lambda manifest: manifest["kind"])
def test_kubernetes_understands_each_manifest(manifest: dict[str, Any]) -> None:
    """By its own schemas, in which no name is unknown: of the newest version, and of one that many still run."""
    for version in ("1.30", kubernetes_validate.latest_version()):
        kubernetes_validate.validate(manifest, version, strict=True)
