#!/usr/bin/env python3
"""Races the program with other readers over one farm of feeds, and prints one table.

usage: race.py BENCH [--binary PATH] [--runs N] [--feeds N] [--items N] [--folder DIR] [--only NAME,…]

BENCH is a folder with `farm.sh`, which generates and serves the feeds, and the peers
(`peer_newsboat.sh`, `peer_sfeed.sh`, `peer_reader.py`). A peer that is not installed is left out,
and the table says so. In each round every contestant reads all feeds into a store of its own,
one contestant after the other, and then a second time, when nothing is new. The table gives the
medians over the rounds: wall time, CPU time (user and system, of all processes) and peak memory.
What the program stored is compared with the farm's truth after each first pass.
"""

import argparse
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from importlib.util import find_spec
from pathlib import Path

ENVIRONMENT = {
    **os.environ,
    # The feeds are on loopback, and nobody has to be spared there.
    "INGEST_HTTP__ALLOW_PRIVATE_NETWORKS": "true",
    "INGEST_HTTP__PER_HOST_GAP_MS": "0",
    # Apart from a farm that is served already.
    "FARM_PORT": os.environ.get("FARM_PORT", "8095"),
}


def timed(command, folder):
    """Runs a command to its end: wall seconds, CPU seconds, peak memory in MB."""
    with open(folder / "log", "ab") as log:
        began = time.monotonic()
        process = subprocess.Popen(command, cwd=folder, env=ENVIRONMENT, stdout=log, stderr=log)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
    if status != 0:
        last = (folder / "log").read_text(errors="replace").splitlines()[-5:]
        sys.exit("\n".join([f"{command[0]} failed; the end of {folder / 'log'}:", *last]))
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


class Ours:
    name = "ingest"

    def __init__(self, binary, urls):
        self.binary, self.urls = binary, urls

    def missing(self):
        return None if self.binary.exists() else f"{self.binary} is not built"

    def prepare(self, folder):
        with open(self.urls, "rb") as urls:
            subprocess.run(
                [self.binary, "feeds", "add", "--no-check", "-"],
                cwd=folder, env=ENVIRONMENT, stdin=urls, check=True,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )

    def command(self, folder):
        return [self.binary, "--once", "--force"]

    def check(self, folder, truth):
        """How many sightings and articles there are, if they are as the truth has them."""
        database = sqlite3.connect(next(folder.glob("*.sqlite*")))
        rows = database.execute("SELECT link, article_id FROM sightings").fetchall()
        database.close()
        keys_of, articles_of = {}, {}
        for link, article in rows:
            key = truth[link]
            keys_of.setdefault(article, set()).add(key)
            articles_of.setdefault(key, set()).add(article)
        mixed = sum(len(keys) > 1 for keys in keys_of.values())
        split = sum(len(articles) > 1 for articles in articles_of.values())
        if len(rows) != len(truth) or mixed or split:
            sys.exit(f"{len(rows)} sightings of {len(truth)}, {mixed} articles mixed, {split} split; see {folder}")
        return f"{len(rows)} entries, {len(keys_of)} articles = keys, none mixed, none split"


class Peer:
    def __init__(self, name, program, script, urls):
        self.name, self.program, self.script, self.urls = name, program, script, urls

    def missing(self):
        is_there = find_spec(self.program) if self.script.suffix == ".py" else shutil.which(self.program)
        return None if is_there else f"{self.program} is not installed"

    def prepare(self, folder):
        pass

    def command(self, folder):
        interpreter = sys.executable if self.script.suffix == ".py" else "sh"
        store = folder / "store.db" if self.script.suffix == ".py" else folder / "store"
        return [interpreter, str(self.script), str(self.urls), str(store)]

    def check(self, folder, truth):
        return None


class BareClient:
    """What any client has to do: curl asks for every feed, and for every one again with its validator."""

    name = "bare curl"

    def __init__(self, urls):
        self.urls = urls.read_text().split()

    def missing(self):
        return None if shutil.which("curl") else "curl is not installed"

    def prepare(self, folder):
        self.write(folder / "first", {})
        validators = {}
        for url in self.urls:
            with urllib.request.urlopen(url) as answer:
                validators[url] = answer.headers["ETag"]
        self.write(folder / "again", validators)

    def write(self, path, validators):
        requests = []
        for url in self.urls:
            request = f'url = "{url}"\noutput = "/dev/null"\nsilent\n'
            if url in validators:
                value = validators[url].replace('"', '\\"')
                request += f'header = "If-None-Match: {value}"\n'
            requests.append(request)
        path.write_text("next\n".join(requests))

    def command(self, folder):
        is_first = not (folder / "was-first").exists()
        (folder / "was-first").touch()
        config = folder / ("first" if is_first else "again")
        return ["curl", "--parallel", "--parallel-max", "32", "--config", str(config)]

    def check(self, folder, truth):
        return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench", type=Path, help="the folder with farm.sh and the peers")
    parser.add_argument("--binary", type=Path, default=Path("target/release/ingest"))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--items", type=int, default=20)
    parser.add_argument("--folder", type=Path, help="where the farm and the stores lie (a new one, deleted at the end)")
    parser.add_argument("--only", help="names of contestants, with commas between")
    arguments = parser.parse_args()
    bench = arguments.bench.resolve()
    if not (bench / "farm.sh").exists():
        sys.exit(f"there is no farm.sh in {bench}: name the folder that has it and the peers")
    with tempfile.TemporaryDirectory(prefix="race-") as temporary:
        folder = (arguments.folder or Path(temporary)).resolve()
        # A server started by root serves as nobody.
        Path(temporary).chmod(0o755)
        farm = folder / "farm"
        subprocess.run(
            ["sh", bench / "farm.sh", "start", farm, "--feeds", str(arguments.feeds), "--items", str(arguments.items)],
            check=True, env=ENVIRONMENT, stdout=subprocess.DEVNULL,
        )
        try:
            race(arguments, bench, folder, farm / "site")
        finally:
            subprocess.run(["sh", bench / "farm.sh", "stop", farm], check=True)


def race(arguments, bench, folder, site):
    urls = site / "urls.txt"
    truth = {}
    with open(site / "truth.jsonl") as lines:
        for line in lines:
            entry = json.loads(line)
            truth[entry["link"]] = entry["key"]
    contestants = [
        Ours(arguments.binary.resolve(), urls),
        Peer("newsboat", "newsboat", bench / "peer_newsboat.sh", urls),
        Peer("sfeed", "sfeed_update", bench / "peer_sfeed.sh", urls),
        Peer("reader", "reader", bench / "peer_reader.py", urls),
        BareClient(urls),
    ]
    if arguments.only:
        contestants = [one for one in contestants if one.name in arguments.only.split(",")]
    present = []
    for contestant in contestants:
        if reason := contestant.missing():
            print(f"left out: {contestant.name}: {reason}", file=sys.stderr)
        else:
            present.append(contestant)
    measured, checked = {}, set()
    for run in range(arguments.runs):
        for contestant in present:
            store = folder / f"{contestant.name.replace(' ', '-')}-{run}"
            shutil.rmtree(store, ignore_errors=True)
            store.mkdir()
            contestant.prepare(store)
            for which in ("first", "second"):
                figures = timed(contestant.command(store), store)
                measured.setdefault((which, contestant.name), []).append(figures)
                print(f"  {which} {contestant.name}: {figures[0]:.2f} s, {figures[1]:.2f} s CPU, {figures[2]:.0f} MB",
                      file=sys.stderr)
                if which == "first" and (told := contestant.check(store, truth)):
                    checked.add(told)
            shutil.rmtree(store)
    print_table(measured, present, arguments)
    for told in sorted(checked):
        print(f"\ntruth: {told}")


def print_table(measured, present, arguments):
    print(f"{arguments.feeds} feeds x {arguments.items} items, medians of {arguments.runs} alternating runs\n")
    print("| pass | reader | wall s | CPU s | peak MB | wall, ingest = 1 | CPU, ingest = 1 |")
    print("|---|---|---:|---:|---:|---:|---:|")
    for which in ("first", "second"):
        medians = {
            one.name: [statistics.median(column) for column in zip(*measured[which, one.name])] for one in present
        }
        ours = medians.get("ingest")
        for name, (wall, cpu, peak) in medians.items():
            ratios = f"{wall / ours[0]:.2f} | {cpu / ours[1]:.2f}" if ours else "|"
            print(f"| {which} | {name} | {wall:.2f} | {cpu:.2f} | {peak:.0f} | {ratios} |")


if __name__ == "__main__":
    main()
