"""Files that come over HTTP and go out again while they come."""

import shutil
import statistics
import time
from typing import Final

from benchmarks.figures import Figure, Findings, Measurement, NotMeasured, Run, Sense, Table, medians
from benchmarks.peer import NODE, WHOLE
from benchmarks.stage import MEBIBYTE, Stage, stage
from benchmarks.usage import Spent, cpu_seconds, run

AT_ONCE: Final = 8
FILES: Final = {True: 8, False: 64}
FILE_BYTES: Final = 20 * MEBIBYTE
"""The most that Telegram's public servers hand out."""
ROUNDS: Final = {True: 1, False: 5}

RATE: Final = 50_000_000
PACED_BYTES: Final = {True: 10_000_000, False: 250_000_000}
PACED_ROUNDS: Final = {True: 1, False: 3}

CURL: Final = "curl | curl"
BOT: Final = "the bot"

# Eight pipelines, each with its share of the files one after another. Without a given length curl would send in chunks, which the service does not take.
PIPELINES: Final = """
for lane in $(seq {lanes}); do
  for number in $(seq {each}); do
    {{ printf %b '{head}'; curl -sS --cacert {ca} {url}/file/bot1:X/film; printf %b '{tail}'; }} \
    | curl -sS --cacert {ca} -w '%{{http_code}} ' -X POST -T - -H 'Expect:' -H 'Transfer-Encoding:' \
      -H 'Content-Length: {length}' -H 'Content-Type: multipart/form-data; boundary=curl' {url}/upload.cgi
  done &
done
wait
"""
HEAD: Final = r'--curl\r\nContent-Disposition: form-data; name="file[]"; filename="film.mkv"\r\n\r\n'
TAIL: Final = r"\r\n--curl--\r\n"

FIGURES: Final = (
    Figure("relay speed", "64 files of 20 MiB over TLS, 8 at once, against 8 pipelines of `curl | curl`: speed", Sense.AT_LEAST, 0.5, 0.8, "x"),
    Figure("relay paced", "relay with 50 MB/s each way against the transfer's own time T", Sense.AT_MOST, 1.05, 1.01, "T"),
)  # fmt: skip


async def measure(whole_run: Run) -> Findings:
    if shutil.which("curl") is None:
        raise NotMeasured("curl is not installed")
    spent: dict[str, list[Spent]] = {CURL: [], BOT: []}
    files = FILES[whole_run.short]
    settings = {"BOT_MAX_TRANSFERS": str(AT_ONCE), "BOT_MAX_TRANSFERS_PER_USER": str(AT_ONCE)}
    async with stage(whole_run, "relay", file_bytes=FILE_BYTES, settings=settings) as on_stage:
        if not on_stage.peer.compiled:
            raise NotMeasured(
                "the emulators are no match for it, and there is no C compiler with OpenSSL's headers"
            )
        for _ in range(ROUNDS[whole_run.short]):
            spent[CURL].append(await by_curl(on_stage, files))
            spent[BOT].append(await by_bot(on_stage, files))
    seconds = medians({way: [each.seconds for each in rounds] for way, rounds in spent.items()})
    cpu = medians({way: [each.cpu for each in rounds] for way, rounds in spent.items()})
    paced = [await pace(whole_run, "one long file", PACED_BYTES[whole_run.short])]
    if not whole_run.short:
        paced.append(await pace(whole_run, "one file of 20 MiB", FILE_BYTES))
    moved = files * FILE_BYTES
    return Findings(
        values={"relay speed": seconds[CURL] / seconds[BOT], "relay paced": paced[0][-1]},
        tables=[
            Table(
                f"{files} files of 20 MiB over TLS, {AT_ONCE} at once",
                ("way", "rounds", "seconds", "MB/s", "CPU s", "speed against curl"),
                [
                    (way, len(spent[way]), value, moved / value / 1e6, cpu[way], seconds[CURL] / value)
                    for way, value in seconds.items()
                ],
            ),
            Table("50 MB/s each way over TLS", ("what", "MB", "T in seconds", "seconds", "T"), paced),
        ],
    )


async def by_curl(on_stage: Stage, files: int) -> Spent:
    length = (
        len(HEAD.encode().decode("unicode_escape")) + FILE_BYTES + len(TAIL.encode().decode("unicode_escape"))
    )
    script = PIPELINES.format(
        lanes=AT_ONCE,
        each=files // AT_ONCE,
        head=HEAD,
        tail=TAIL,
        ca=on_stage.peer.certificate.certificate,
        url=on_stage.peer.url,
        length=length,
    )
    spent, printed = await run(["sh", "-c", script])
    if printed.split() != ["302"] * files:
        raise RuntimeError(f"curl | curl was answered {printed}")
    return spent


async def by_bot(on_stage: Stage, files: int) -> Spent:
    since, cpu = time.monotonic(), cpu_seconds(on_stage.bot.pid)
    for _ in range(files):
        on_stage.send(on_stage.people[0], FILE_BYTES)
    await on_stage.until_sent(files, since)
    begin = on_stage.peer.of(NODE, since=since)[0].at
    end = on_stage.peer.of(WHOLE, since=since)[-1].at
    return Spent(end - begin, cpu_seconds(on_stage.bot.pid) - cpu)


async def pace(whole_run: Run, what: str, size: int) -> tuple[str, float, float, float, float]:
    """A row: the last value is how many times T it took, from the request for a node to its acceptance."""
    async with stage(whole_run, f"paced-{size}", file_bytes=size, rate=RATE) as on_stage:
        rounds = [await on_stage.upload(size) for _ in range(PACED_ROUNDS[whole_run.short])]
    seconds = statistics.median(each.seconds for each in rounds)
    return what, size / 1e6, size / RATE, seconds, seconds / (size / RATE)


RELAY: Final = Measurement(
    "relay",
    "From the first request for a node to the last acceptance; of the pipelines, from start to end. The peer is source and sink. "
    "T is the size divided by the speed; Telegram's public servers hand out no file as long as the one that is paced, but with a short one T is over before the connections count.",
    FIGURES,
    measure,
)
