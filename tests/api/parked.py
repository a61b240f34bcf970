"""Many long polls at once, each on a connection of its own.

Usage: parked.py HOST:PORT SECRET_ID SECRET_KEY PID COUNT
COUNT polls wait on one queue, then one on each of COUNT queues; then as many messages are sent.
Each poll must get one message, no message may come twice. Prints what a parked poll costs.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import random
import re
import sys
import time
from urllib.parse import quote_plus

address, secret_id, secret_key, pid, count = sys.argv[1:6]
host, port = address.rsplit(":", 1)
count = int(count)


def request(action, **given):
    parameters = {"Action": action, "Nonce": random.randint(1, 65535), "SecretId": secret_id,
                  "Timestamp": int(time.time()), "SignatureMethod": "HmacSHA1"}
    parameters.update({key.replace("__", "."): value for key, value in given.items()})
    text = f"POST{address}/v2/index.php?" + "&".join(f"{k}={parameters[k]}" for k in sorted(parameters))
    parameters["Signature"] = base64.b64encode(
        hmac.new(secret_key.encode(), text.encode(), hashlib.sha1).digest()).decode()
    body = "&".join(quote_plus(k) + "=" + quote_plus(str(v)) for k, v in parameters.items())
    return (f"POST /v2/index.php HTTP/1.1\r\nHost: {address}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}").encode()


async def answer(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    size = int(re.search(rb"(?i)content-length: *(\d+)", head)[1])
    return await reader.readexactly(size)


class Caller:
    """One connection, one request at a time."""

    async def open(self):
        self.reader, self.writer = await asyncio.open_connection(host, int(port))
        return self

    async def ask(self, action, **given):
        self.writer.write(request(action, **given))
        return json.loads(await answer(self.reader))

    async def text(self, path):
        self.writer.write(f"GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n".encode())
        return (await answer(self.reader)).decode()


async def in_turns(work, parties=16):
    """Runs the calls in `work`, `parties` connections side by side."""
    left = iter(work)

    async def party():
        caller = await Caller().open()
        for action, given in left:
            done = await caller.ask(action, **given)
            assert done["code"] == 0, done
        caller.writer.close()

    await asyncio.gather(*(party() for _ in range(parties)))


def memory():
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1]) * 1024


async def parked(caller):
    return float(re.search(r"^cmq_parked_polls(?:{[^}]*})? (\S+)", await caller.text("/metrics"), re.M)[1])


async def park(queues):
    """A poll on each of `queues`, all of them waiting."""
    watcher = await Caller().open()
    callers = []
    for queue in queues:
        caller = await Caller().open()
        caller.writer.write(request("ReceiveMessage", queueName=queue, pollingWaitSeconds=30))
        callers.append(caller)
    while await parked(watcher) < len(callers):
        await asyncio.sleep(0.05)
    return callers


async def collect(callers):
    bodies = []
    for caller in callers:
        got = json.loads(await answer(caller.reader))
        assert got["code"] == 0, got
        bodies.append(got["msgBody"])
        caller.writer.close()
    return bodies


async def round_of(name, queues, sends):
    before, begun = memory(), time.monotonic()
    callers = await park(queues)
    after, waiting = memory(), time.monotonic()
    await in_turns(sends)
    bodies = await collect(callers)
    assert sorted(bodies) == sorted(str(n) for n in range(count)), "each poll gets one message, each message one poll"
    print(f"{name}: {count} polls parked in {waiting - begun:.1f} s, {(after - before) / count / 1024:.2f} KiB each, "
          f"answered in {time.monotonic() - waiting:.1f} s")
    return bodies


async def main():
    await in_turns([("CreateQueue", {"queueName": "one"})], parties=1)
    batches = [("BatchSendMessage", {"queueName": "one", **{f"msgBody__{at}": n + at for at in range(min(10, count - n))}})
               for n in range(0, count, 10)]
    await round_of("one queue", ["one"] * count, batches)
    names = [f"many-{n}" for n in range(count)]
    await in_turns([("CreateQueue", {"queueName": name}) for name in names])
    bodies = await round_of("a queue each", names,
                            [("SendMessage", {"queueName": name, "msgBody": n}) for n, name in enumerate(names)])
    assert bodies == [str(n) for n in range(count)], "each poll gets the message of its own queue"


asyncio.run(main())
