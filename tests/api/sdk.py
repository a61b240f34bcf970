"""The wire contract seen from outside: requests as the shipped SDKs put them on the wire.

Usage: sdk.py HOST:PORT SECRET_ID SECRET_KEY. One line a check; exit status 1 when one fails.
Written against the contract with the standard library only, so that it shares no code with cmq.
"""

import base64
import hashlib
import hmac
import http.client
import json
import random
import sys
import threading
import time
from urllib.parse import quote, quote_plus, urlencode

host, secret_id, secret_key = sys.argv[1:4]
failures = 0


def check(name, good, seen=None):
    global failures
    print(("ok    " if good else "FAIL  ") + name + ("" if good else f"  saw {seen!r}"))
    failures += 0 if good else 1


def signature(method, path, parameters, digest, drop_at=False):
    pairs = []
    for key in sorted(parameters):
        value = str(parameters[key])
        if drop_at and value.startswith("@"):
            continue
        pairs.append(key.replace("_", ".") + "=" + value)
    text = method + host + path + "?" + "&".join(pairs)
    return base64.b64encode(hmac.new(secret_key.encode(), text.encode(), digest).digest()).decode()


class Style:
    """How one SDK words a request."""

    def __init__(self, method="POST", path="/v2/index.php", wire_path=None, digest=hashlib.sha1,
                 name="HmacSHA1", headers=None, nonce=lambda: random.randint(1, 2**63 - 1),
                 extra=None, drop_at=False, encode=quote_plus):
        self.__dict__.update(locals())

    def call(self, action, connection=None, **given):
        parameters = {"Action": action, "Nonce": self.nonce(), "SecretId": secret_id,
                      "Timestamp": int(time.time())}
        if self.name:
            parameters["SignatureMethod"] = self.name
        parameters.update(self.extra or {})
        parameters.update({key.replace("__", "."): value for key, value in given.items()})
        parameters["Signature"] = signature(self.method, self.path, parameters, self.digest, self.drop_at)
        text = "&".join(self.encode(str(k)) + "=" + self.encode(str(v)) for k, v in parameters.items())
        own = connection or http.client.HTTPConnection(host, timeout=60)
        target = self.wire_path or self.path
        own.putrequest(self.method, target + ("?" + text if self.method == "GET" else ""), skip_accept_encoding=True)
        body = b"" if self.method == "GET" else text.encode()
        if body:
            own.putheader("Content-Length", str(len(body)))
        for key, value in (self.headers or {}).items():
            own.putheader(key, value)
        own.endheaders(body)
        answer = own.getresponse()
        content = answer.read()
        self.last = (answer.status, answer.getheader("Content-Type"))
        if not connection:
            own.close()
        return json.loads(content)


python = Style(extra={"RequestClient": "SDK_Python_1.3"}, drop_at=True)
php = Style(headers={"Expect": "100-continue", "Content-Type": "application/x-www-form-urlencoded"},
            nonce=lambda: random.randint(1, 65535), drop_at=True, extra={"RequestClient": "SDK_PHP_1.3"})
php_get = Style(method="GET", wire_path="/v2/index.php/v2/index.php", extra={"RequestClient": "SDK_PHP_1.3"})
java = Style(headers={"Content-Type": "*/*;charset=utf-8"}, extra={"RequestClient": "SDK_JAVA_1.3"},
             digest=hashlib.sha256, name="HmacSHA256")
java_control = Style(digest=hashlib.sha256, name="sha256")
go = Style(path="/", headers={"Content-Type": "application/x-www-form-urlencoded"},
           extra={"RequestClient": "SDK_GO_1.2.0", "clientRequestId": 42})
netkiddy = Style(extra={"RequestClient": "SDK_GO_1.3"}, encode=lambda s: quote(s, safe=" ").replace(" ", "%20"))
xutl = Style(digest=hashlib.sha256, name="HmacSHA256", headers={"Content-Type": "application/x-www-form-urlencoded"})
node = Style(nonce=lambda: random.randint(0, 9999), headers={"Content-Type": "application/x-www-form-urlencoded"})
bare = Style(name=None)
styles = {"python": python, "php": php, "php get": php_get, "java": java, "java control": java_control,
          "go": go, "netkiddy": netkiddy, "xutl": xutl, "node": node, "no method named": bare}

queue = "sdk-" + str(random.randint(0, 10**9))
answer = python.call("CreateQueue", queueName=queue, maxMsgHeapNum=1000000, pollingWaitSeconds=0,
                     visibilityTimeout=30, maxMsgSize=65536, msgRetentionSeconds=345600, rewindSeconds=3600)
check("create: code 0, queueId", answer["code"] == 0 and answer["queueId"].startswith("queue-"), answer)
check("status 200 and exact content type", python.last == (200, "application/json"), python.last)
check("envelope: message and requestId are strings",
      answer["message"] == "" and isinstance(answer["requestId"], str), answer)
answer = python.call("CreateQueue", queueName=queue.upper())
check("create again, other case: 4460", (answer["code"], answer["message"]) ==
      (4460, "(10210)queue is already existed"), answer)
check("errors carry a requestId and status 200", isinstance(answer["requestId"], str) and python.last[0] == 200, answer)

for name, style in styles.items():
    body = f"hello {name} &=+/中文 @x"
    answer = style.call("SendMessage", queueName=queue, msgBody=body, delaySeconds=0)
    check(f"{name}: send", answer["code"] == 0 and answer["msgId"].isdigit(), answer)
    sent = answer.get("msgId")
    answer = style.call("ReceiveMessage", queueName=queue, pollingWaitSeconds=1, UserpollingWaitSeconds=1)
    good = answer["code"] == 0 and answer["msgBody"] == body and answer["msgId"] == sent
    check(f"{name}: receive", good, answer)
    check(f"{name}: seven fields, right types", good and all(isinstance(answer[k], str) for k in
          ("msgBody", "msgId", "receiptHandle")) and all(type(answer[k]) is int for k in
          ("enqueueTime", "nextVisibleTime", "firstDequeueTime", "dequeueCount")), answer)
    answer = style.call("DeleteMessage", queueName=queue, receiptHandle=answer.get("receiptHandle", "0"))
    check(f"{name}: delete", answer["code"] == 0, answer)

for style, body in ((python, "@home"), (java, "@home")):
    answer = style.call("SendMessage", queueName=queue, msgBody=body)
    check("a body that begins with @, signed either way", answer["code"] == 0, answer)
answer = python.call("BatchReceiveMessage", queueName=queue, numOfMsg=16)
check("both bodies arrive whole", [m["msgBody"] for m in answer["msgInfoList"]] == ["@home"] * 2, answer)
python.call("BatchDeleteMessage", queueName=queue,
            **{f"receiptHandle__{i + 1}": m["receiptHandle"] for i, m in enumerate(answer["msgInfoList"])})

answer = go.call("SendMessage", queueName=queue, msgBody="number")
check("a numeric clientRequestId comes back as a number", answer.get("clientRequestId") == 42, answer)
go.call("ClearQueue", queueName=queue)

for first in (0, 1):
    bodies = {f"msgBody__{first + i}": f"m{i}" for i in range(16)}
    answer = python.call("BatchSendMessage", queueName=queue, **bodies)
    check(f"batch of 16 from index {first}", answer["code"] == 0 and len(answer["msgList"]) == 16, answer)
    answer = python.call("BatchReceiveMessage", queueName=queue, numOfMsg=16)
    got = [m["msgBody"] for m in answer.get("msgInfoList", [])]
    check("order is kept past index 9", got == [f"m{i}" for i in range(16)], got)
    handles = [m["receiptHandle"] for m in answer["msgInfoList"]]
    bad = dict(enumerate(handles[:15] + ["123"]))
    answer = python.call("BatchDeleteMessage", queueName=queue, **{f"receiptHandle__{i}": h for i, h in bad.items()})
    check("partial delete: 6010 with only the bad handle", answer["code"] == 6010 and
          [e["receiptHandle"] for e in answer["errorList"]] == ["123"] and answer["errorList"][0]["code"] == 4430, answer)
    answer = python.call("DeleteMessage", queueName=queue, receiptHandle=handles[15])
    check("the last one is still deletable", answer["code"] == 0, answer)
    answer = python.call("DeleteMessage", queueName=queue, receiptHandle=handles[15])
    check("and only once: 4430", (answer["code"], answer["message"]) == (4430, "(10260)receipt handle is invalid"), answer)
answer = python.call("BatchSendMessage", queueName=queue, **{f"msgBody__{i}": "x" for i in range(17)})
check("17 are refused: 10370", answer["code"] == 4000 and answer["message"].startswith("(10370)"), answer)
answer = python.call("BatchSendMessage", queueName=queue, msgBody__1="a", msgBody__3="b")
check("a gap is refused: 10380", answer["code"] == 4000 and answer["message"].startswith("(10380)"), answer)

answer = netkiddy.call("ListQueue", **{"searchWord ": queue, "offset ": "0", "limit ": "10"})
check("names with stray blanks are found", answer["code"] == 0 and answer["totalCount"] == 1 and
      answer["queueList"][0]["queueName"] == queue, answer)
answer = python.call("ListQueue", searchWord="nothing-like-this")
check("lists are present when empty", answer["queueList"] == [] and answer["totalCount"] == 0, answer)
answer = python.call("GetQueueAttributes", queueName=queue)
wanted = ("maxMsgHeapNum pollingWaitSeconds visibilityTimeout maxMsgSize msgRetentionSeconds rewindSeconds createTime "
          "lastModifyTime activeMsgNum inactiveMsgNum delayMsgNum rewindMsgNum rewindmsgNum minMsgTime").split()
check("all attributes are integers, both spellings", all(type(answer.get(k)) is int for k in wanted), answer)

started = time.time()
answer = python.call("ReceiveMessage", queueName=queue, pollingWaitSeconds=1)
check("an empty long poll: 7000 after its time", (answer["code"], answer["message"]) == (7000, "(10200)no message")
      and time.time() - started > 0.9, answer)
woken = {}
poll = threading.Thread(target=lambda: woken.update(python.call("ReceiveMessage", queueName=queue, pollingWaitSeconds=20)))
poll.start()
time.sleep(0.2)
python.call("SendMessage", queueName=queue, msgBody="wake up")
poll.join()
check("a send wakes a long poll", woken.get("msgBody") == "wake up", woken)

answer = python.call("SendMessage", queueName=queue, msgBody="later", delaySeconds=1)
check("a delayed message is not there", python.call("ReceiveMessage", queueName=queue)["code"] == 7000)
answer = python.call("ReceiveMessage", queueName=queue, pollingWaitSeconds=5)
check("and then it is", answer.get("msgBody") == "later", answer)

answer = python.call("RewindQueue", queueName=queue, startConsumeTime=int(time.time()) - 600)
check("rewind", answer["code"] == 0, answer)
answer = python.call("ReceiveMessage", queueName=queue)
check("rewound: the first message since the purge comes again", answer.get("msgBody") == "m0", answer)
plain = queue + "-plain"
python.call("CreateQueue", queueName=plain)
answer = python.call("RewindQueue", queueName=plain, startConsumeTime=int(time.time()))
check("no rewind: 6050", answer["code"] == 6050, answer)

real, secret_key = secret_key, secret_key + "x"
answer = python.call("GetQueueAttributes", queueName=queue)
secret_key = real
check("a wrong key: HTTP 200, 4100", answer["code"] == 4100 and python.last[0] == 200, answer)
real, secret_id = secret_id, "AKIDnobody"
answer = python.call("GetQueueAttributes", queueName=queue)
secret_id = real
check("an unknown id: 4100 (10270)", answer["message"].startswith("(10270)"), answer)
answer = python.call("NoSuchAction")
check("an unknown action: 10430", answer["message"] == "(10430)action name NoSuchAction is not existed", answer)
answer = python.call("ReceiveMessage", queueName="no-such-queue")
check("an unknown queue: 4440", answer["code"] == 4440, answer)
answer = python.call("sendmessage", queueName=plain, msgBody="x")
check("actions in any case", answer["code"] == 0, answer)

kept = http.client.HTTPConnection(host, timeout=60)
for _ in range(3):
    answer = python.call("SendMessage", connection=kept, queueName=plain, msgBody="kept alive")
check("keep-alive", answer["code"] == 0)
kept.close()
for name in (queue, plain):
    answer = python.call("DeleteQueue", queueName=name)
    check("delete queue", answer["code"] == 0, answer)
sys.exit(1 if failures else 0)
