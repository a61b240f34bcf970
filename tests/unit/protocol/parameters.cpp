// Odd and malformed parameters, each with the exact error that a client must see.
#include <doctest/doctest.h>

#include "base/text.h"
#include "protocol/form.h"
#include "tests/unit/protocol/door.h"

namespace cmq::protocol {
namespace {

struct Case {
    std::string what;
    std::string form;
    int code;
    int module;  // 0 goes with code 0
};

std::string repeated(std::string_view name, int from, int count, std::string_view value = "x") {
    std::string form;
    for (int n = from; n < from + count; ++n)
        form += '&' + std::string(name) + '.' + std::to_string(n) + '=' + std::string(value);
    return form;
}

const std::string create = "Action=CreateQueue&queueName=fresh&";
const std::string set = "Action=SetQueueAttributes&queueName=orders&";
const std::string send = "Action=SendMessage&queueName=orders&";
const std::string batch = "Action=BatchSendMessage&queueName=orders";
const std::string receive = "Action=ReceiveMessage&queueName=orders&";
const std::string receives = "Action=BatchReceiveMessage&queueName=orders&";
const std::string remove = "Action=DeleteMessage&queueName=orders&";
const std::string removes = "Action=BatchDeleteMessage&queueName=orders";
const std::string look = "Action=PeekRewind&queueName=rewindable&";
const std::string rewind = "Action=RewindQueue&queueName=rewindable&";
const std::string hide = "Action=ChangeMessageVisibility&queueName=orders&";
const std::string peek = "Action=PeekMessage&queueName=orders&";
const std::string kilobyte(1024, 'k');
const std::string sixty_four(64, 'q');

const std::vector<Case> actions = {
    {"no Action", "queueName=orders", 4000, 10390},
    {"an empty Action", "Action=&queueName=orders", 4000, 10280},
    {"an Action of blanks", "Action=%20&queueName=orders", 4000, 10430},
    {"an unknown Action", "Action=MakeCoffee", 4000, 10430},
    {"an Action with a blank behind", "Action=ListQueue%20", 4000, 10430},
    {"an Action that is not UTF-8", "Action=%ff%fe", 4000, 10430},
    {"an Action in capitals", "Action=LISTQUEUE", 0, 0},
    {"an Action in mixed case", "Action=lIsTqUeUe", 0, 0},
    {"the name Action with a blank behind", "Action%20=ListQueue", 0, 0},
    {"the name Action with a blank before, as '+'", "+Action=ListQueue", 0, 0},
    {"Action twice", "Action=ListQueue&Action=ListQueue", 4000, 10330},
    {"the name of Action in lower case", "action=ListQueue", 4000, 10390},
    {"an action of topics", "Action=CreateTopic&topicName=t", 4000, 10430},
};

const std::vector<Case> forms = {
    {"empty pieces between '&'", "&&Action=ListQueue&&&", 0, 0},
    {"a name without '='", "Action=ListQueue&searchWord", 0, 0},
    {"a value with '='", "Action=ListQueue&searchWord=a=b", 0, 0},
    {"an empty name", "Action=ListQueue&=x", 0, 0},
    {"unknown parameters", "Action=ListQueue&UserpollingWaitSeconds=3&whatever=1", 0, 0},
    {"'%' at the end", "Action=ListQueue&x=%", 4000, 10420},
    {"'%' and one digit at the end", "Action=ListQueue&x=%4", 4000, 10420},
    {"'%' and no digits", "Action=ListQueue&x=%zz", 4000, 10420},
    {"'%' and half a number", "Action=ListQueue&x=%4g", 4000, 10420},
    {"a sign in an escape", "Action=ListQueue&x=%+1", 4000, 10420},
    {"'%' in a name", "Action=ListQueue&%g=1", 4000, 10420},
    {"lower-case escapes", "Action=ListQueue&searchWord=%e4%b8%ad", 0, 0},
    {"an escaped NUL", "Action=ListQueue&searchWord=%00", 0, 0},
    {"a parameter twice", "Action=ListQueue&limit=1&limit=2", 4000, 10330},
    {"a parameter twice with the same value", "Action=ListQueue&limit=1&limit=1", 4000, 10330},
    {"a parameter twice but for a blank", "Action=ListQueue&limit=1&limit+=2", 4000, 10330},
    {"an unknown parameter twice", "Action=ListQueue&x=1&x=2", 4000, 10330},
    {"996 parameters and the four common ones", "Action=ListQueue" + repeated("x", 0, 995), 0, 0},
    {"one parameter more", "Action=ListQueue" + repeated("x", 0, 996), 4000, 10420},
};

const std::vector<Case> names = {
    {"no queueName", "Action=GetQueueAttributes", 4000, 10390},
    {"an empty queueName", "Action=GetQueueAttributes&queueName=", 4000, 10390},
    {"a queueName of a blank", "Action=GetQueueAttributes&queueName=+", 4000, 10020},
    {"a queueName that begins with a digit", "Action=DeleteQueue&queueName=1a", 4000, 10020},
    {"a queueName that begins with '-'", "Action=ClearQueue&queueName=-a", 4000, 10020},
    {"a queueName with a dot", "Action=CreateQueue&queueName=a.b", 4000, 10020},
    {"a queueName with a slash", "Action=CreateQueue&queueName=a/b", 4000, 10020},
    {"a queueName with a NUL", "Action=CreateQueue&queueName=a%00", 4000, 10020},
    {"a queueName in Chinese", "Action=CreateQueue&queueName=%e4%b8%ad", 4000, 10020},
    {"a queueName of 65 bytes", "Action=CreateQueue&queueName=" + sixty_four + "q", 4000, 10020},
    {"a queueName of 64 bytes", "Action=CreateQueue&queueName=" + sixty_four, 0, 0},
    {"a queueName with '_' and '-'", "Action=CreateQueue&queueName=a_b-c", 0, 0},
    {"queueName with a blank behind", "Action=GetQueueAttributes&queueName+=orders", 0, 0},
    {"a queue that is not there", "Action=GetQueueAttributes&queueName=nowhere", 4440, 10100},
    {"a queue in another case", "Action=GetQueueAttributes&queueName=Orders", 4440, 10100},
    {"a queue that exists, in another case", "Action=CreateQueue&queueName=ORDERS", 4460, 10210},
    {"a send to nowhere", "Action=SendMessage&queueName=nowhere&msgBody=x", 4440, 10100},
    {"a receive from nowhere", "Action=ReceiveMessage&queueName=nowhere", 4440, 10100},
    {"a peek into nowhere", "Action=PeekMessage&queueName=nowhere", 4440, 10100},
    {"a bad name in a send", "Action=SendMessage&queueName=%21&msgBody=x", 4000, 10020},
    {"a bad name in a route query", "Action=QueryQueueRoute&queueName=%21", 4000, 10020},
    {"a route query without TCP listener", "Action=QueryQueueRoute&queueName=q", 6000, 10050},
};

const std::vector<Case> attributes = {
    {"nothing but a name", create, 0, 0},
    {"all empty", create + "maxMsgHeapNum=&visibilityTimeout=&trace=&policy=", 0, 0},
    {"a heap below the range", create + "maxMsgHeapNum=999999", 4000, 10350},
    {"a heap at the lower end", create + "maxMsgHeapNum=1000000", 0, 0},
    {"a heap at the upper end", create + "maxMsgHeapNum=1000000000", 0, 0},
    {"a heap above the range", create + "maxMsgHeapNum=1000000001", 4000, 10350},
    {"a wait of 31 s", create + "pollingWaitSeconds=31", 4000, 10350},
    {"a wait of 30 s", create + "pollingWaitSeconds=30", 0, 0},
    {"a wait of -1 s", create + "pollingWaitSeconds=-1", 4000, 10350},
    {"a wait with a fraction", create + "pollingWaitSeconds=1.5", 4000, 10360},
    {"a wait in words", create + "pollingWaitSeconds=five", 4000, 10360},
    {"a wait with a unit", create + "pollingWaitSeconds=5s", 4000, 10360},
    {"a wait with a plus sign", create + "pollingWaitSeconds=%2b5", 4000, 10360},
    {"a wait with a blank", create + "pollingWaitSeconds=+5", 4000, 10360},
    {"a wait in hexadecimal", create + "pollingWaitSeconds=0x5", 4000, 10360},
    {"a wait with an exponent", create + "pollingWaitSeconds=1e1", 4000, 10360},
    {"a wait of a lone '-'", create + "pollingWaitSeconds=-", 4000, 10360},
    {"a wait of '--5'", create + "pollingWaitSeconds=--5", 4000, 10360},
    {"a wait in Arabic digits", create + "pollingWaitSeconds=%d9%a5", 4000, 10360},
    {"a wait with leading zeros", create + "pollingWaitSeconds=0007", 0, 0},
    {"a wait of 2^63", create + "pollingWaitSeconds=9223372036854775808", 4000, 10350},
    {"a wait of 2^64 + 5", create + "pollingWaitSeconds=18446744073709551621", 4000, 10350},
    {"a wait of -2^64", create + "pollingWaitSeconds=-18446744073709551616", 4000, 10350},
    {"a visibility of 0 s", create + "visibilityTimeout=0", 4000, 10350},
    {"a visibility of 1 s", create + "visibilityTimeout=1", 0, 0},
    {"a visibility of 43201 s", create + "visibilityTimeout=43201", 4000, 10350},
    {"a message size of 1023", create + "maxMsgSize=1023", 4000, 10350},
    {"a message size of 1 MiB", create + "maxMsgSize=1048576", 0, 0},
    {"a message size of 1 MiB + 1", create + "maxMsgSize=1048577", 4000, 10350},
    {"a retention of 59 s", create + "msgRetentionSeconds=59", 4000, 10350},
    {"a retention of 15 days", create + "msgRetentionSeconds=1296000", 0, 0},
    {"a retention of 15 days and 1 s", create + "msgRetentionSeconds=1296001", 4000, 10350},
    {"a rewind as long as the retention", create + "rewindSeconds=60&msgRetentionSeconds=60", 0, 0},
    {"a rewind longer than the retention", create + "rewindSeconds=61&msgRetentionSeconds=60", 4000,
     10700},
    {"a rewind that is out of range anyway", create + "rewindSeconds=1296001", 4000, 10350},
    {"a trace that is a word", create + "trace=yes", 4000, 10360},
    {"a trace in capitals", create + "trace=TRUE", 0, 0},
    {"a trace as a number", create + "trace=1", 0, 0},
    {"a trace as another number", create + "trace=2", 4000, 10360},
    {"a dead letter queue", create + "deadLetterQueueName=dead", 4000, 10350},
    {"a transaction queue", create + "transaction=1", 4000, 10350},
    {"no transaction queue", create + "transaction=0&firstQueryInterval=0&maxQueryCount=0", 0, 0},
    {"a count for dead letters", create + "maxReceiveCount=5", 4000, 10350},
    {"set: nothing", set, 0, 0},
    {"set: a rewind longer than the usual retention", set + "rewindSeconds=345601", 4000, 10700},
    {"set: a retention shorter than the rewind of the queue",
     "Action=SetQueueAttributes&queueName=rewindable&msgRetentionSeconds=60", 4000, 10700},
    {"set: a visibility out of range", set + "visibilityTimeout=0", 4000, 10350},
    {"set: a dead letter queue", set + "deadLetterQueueName=dead", 4000, 10350},
    {"set: an unknown queue", "Action=SetQueueAttributes&queueName=nowhere", 4440, 10100},
};

const std::vector<Case> lists = {
    {"limit 0", "Action=ListQueue&limit=0", 4000, 10350},
    {"limit 51 is clamped", "Action=ListQueue&limit=51", 0, 0},
    {"limit -1", "Action=ListQueue&limit=-1", 4000, 10350},
    {"a limit that is no number", "Action=ListQueue&limit=all", 4000, 10360},
    {"offset -1", "Action=ListQueue&offset=-1", 4000, 10350},
    {"an offset past the end", "Action=ListQueue&offset=9223372036854775807", 0, 0},
    {"an offset past what numbers hold", "Action=ListQueue&offset=9223372036854775808", 4000,
     10350},
    {"names with blanks, as one SDK sends them", "Action=ListQueue&offset =0&limit =20", 0, 0},
};

const std::vector<Case> sends = {
    {"no body", send, 4000, 10390},
    {"an empty body", send + "msgBody=", 4000, 10120},
    {"a body of one byte", send + "msgBody=x", 0, 0},
    {"a body of a NUL", send + "msgBody=%00", 0, 0},
    {"a body that begins with '@'", send + "msgBody=@x", 0, 0},
    {"a body that is not UTF-8", send + "msgBody=%ff", 4000, 10360},
    {"a body with half a character", send + "msgBody=%e4%b8", 4000, 10360},
    {"a body with a surrogate", send + "msgBody=%ed%a0%80", 4000, 10360},
    {"a body with an overlong NUL", send + "msgBody=%c0%80", 4000, 10360},
    {"a body as large as the queue takes", send + "msgBody=" + std::string(65536, 'b'), 0, 0},
    {"a body one byte larger", send + "msgBody=" + std::string(65537, 'b'), 4400, 10230},
    {"a body larger than any queue takes", send + "msgBody=" + std::string(1048577, 'b'), 4400,
     10230},
    {"a body of 65536 bytes, each escaped",
     send + "msgBody=" +
         [] {
             std::string escaped;
             for (int n = 0; n < 65536; ++n) escaped += "%41";
             return escaped;
         }(),
     0, 0},
    {"a form of more than 4 MiB", send + "msgBody=" + std::string(4 << 20, 'b'), 4000, 10420},
    {"a list instead of a body", send + "msgBody.0=x", 4000, 10390},
    {"two bodies", send + "msgBody=x&msgBody=y", 4000, 10330},
    {"a delay of 0", send + "msgBody=x&delaySeconds=0", 0, 0},
    {"an empty delay", send + "msgBody=x&delaySeconds=", 0, 0},
    {"a delay of an hour", send + "msgBody=x&delaySeconds=3600", 0, 0},
    {"a delay of an hour and 1 s", send + "msgBody=x&delaySeconds=3601", 4000, 10692},
    {"a delay of -1", send + "msgBody=x&delaySeconds=-1", 4000, 10692},
    {"a delay of 2^64", send + "msgBody=x&delaySeconds=18446744073709551616", 4000, 10692},
    {"a delay in words", send + "msgBody=x&delaySeconds=soon", 4000, 10360},
    {"a delay with a fraction", send + "msgBody=x&delaySeconds=0.5", 4000, 10360},
    {"a dedupId of 128 bytes", send + "msgBody=x&dedupId=" + std::string(128, 'd'), 0, 0},
    {"a dedupId of 129 bytes", send + "msgBody=x&dedupId=" + std::string(129, 'd'), 4000, 10350},
    {"an empty dedupId", send + "msgBody=x&dedupId=", 0, 0},
    {"a transaction", send + "msgBody=x&transaction=1", 4000, 10350},
    {"extras that say nothing", send + "msgBody=x&transaction=0&policy=", 0, 0},
};

const std::vector<Case> batches = {
    {"no bodies", batch, 4000, 10390},
    {"a bare body", batch + "&msgBody=x", 0, 0},
    {"an empty bare body", batch + "&msgBody=", 4000, 10120},
    {"16 bodies from 0", batch + repeated("msgBody", 0, 16), 0, 0},
    {"16 bodies from 1", batch + repeated("msgBody", 1, 16), 0, 0},
    {"17 bodies", batch + repeated("msgBody", 1, 17), 4000, 10370},
    {"17 bodies, one of them empty", batch + repeated("msgBody", 1, 16) + "&msgBody.17=", 4000,
     10370},
    {"bodies from 2", batch + repeated("msgBody", 2, 3), 4000, 10380},
    {"a gap", batch + "&msgBody.1=x&msgBody.3=x", 4000, 10380},
    {"a gap after 0", batch + "&msgBody.0=x&msgBody.2=x", 4000, 10380},
    {"a body numbered 2^64 - 1", batch + "&msgBody.18446744073709551615=x", 4000, 10380},
    {"a body numbered 2^64", batch + "&msgBody.18446744073709551616=x", 4000, 10310},
    {"the same number twice", batch + "&msgBody.1=x&msgBody.1=y", 4000, 10330},
    {"the same number with a zero before", batch + "&msgBody.1=x&msgBody.01=y", 4000, 10330},
    {"a number that is a word", batch + "&msgBody.one=x", 4000, 10310},
    {"a negative number", batch + "&msgBody.-1=x", 4000, 10310},
    {"no number behind the dot", batch + "&msgBody.=x", 4000, 10390},
    {"numbers with a blank behind", batch + "&msgBody.0+=x&msgBody.1+=y", 0, 0},
    {"an empty body among others", batch + "&msgBody.0=x&msgBody.1=&msgBody.2=x", 4000, 10120},
    {"one body too large for the queue",
     batch + "&msgBody.0=x&msgBody.1=" + std::string(65537, 'b'), 4400, 10230},
    {"one body that is not UTF-8", batch + "&msgBody.0=x&msgBody.1=%80", 4000, 10360},
    {"1 MiB in all",
     "Action=BatchSendMessage&queueName=large" +
         repeated("msgBody", 0, 16, std::string(65536, 'b')),
     0, 0},
    {"1 MiB and a byte in all",
     "Action=BatchSendMessage&queueName=large" +
         repeated("msgBody", 0, 15, std::string(65536, 'b')) +
         "&msgBody.15=" + std::string(65537, 'b'),
     4470, 10300},
    {"a delay out of range for all", batch + "&msgBody.0=x&delaySeconds=3601", 4000, 10692},
    {"16 bodies with a dedupId", batch + repeated("msgBody", 0, 16) + "&dedupId=d", 0, 0},
};

const std::vector<Case> takes = {
    {"nothing there", receive, 7000, 10200},
    {"nothing there, at once", receive + "pollingWaitSeconds=0", 7000, 10200},
    {"a wait of 30 s", receive + "pollingWaitSeconds=30", 7000, 10200},
    {"a wait of 31 s", receive + "pollingWaitSeconds=31", 4000, 10350},
    {"a wait of -1 s", receive + "pollingWaitSeconds=-1", 4000, 10350},
    {"a wait in milliseconds, as one SDK would", receive + "pollingWaitSeconds=3000", 4000, 10350},
    {"a wait in words", receive + "pollingWaitSeconds=long", 4000, 10360},
    {"the wait that SDKs mean for themselves", receive + "UserpollingWaitSeconds=99999", 7000,
     10200},
    {"a batch without a number", receives, 4000, 10390},
    {"a batch with an empty number", receives + "numOfMsg=", 4000, 10390},
    {"a batch of 0", receives + "numOfMsg=0", 4000, 10350},
    {"a batch of 1", receives + "numOfMsg=1", 7000, 10200},
    {"a batch of 16", receives + "numOfMsg=16", 7000, 10200},
    {"a batch of 17", receives + "numOfMsg=17", 4000, 10350},
    {"a batch of 2^32 + 1", receives + "numOfMsg=4294967297", 4000, 10350},
    {"a batch of a word", receives + "numOfMsg=many", 4000, 10360},
    {"a number with a blank behind its name", receives + "numOfMsg+=16", 7000, 10200},
};

const std::vector<Case> deletes = {
    {"no handle", remove, 4000, 10390},
    {"an empty handle", remove + "receiptHandle=", 4000, 10390},
    {"a handle that was never given out", remove + "receiptHandle=123456789", 4430, 10260},
    {"handle 0", remove + "receiptHandle=0", 4430, 10260},
    {"a negative handle", remove + "receiptHandle=-5", 4430, 10260},
    {"a handle that is a word", remove + "receiptHandle=abc", 4430, 10260},
    {"a handle of 2^63", remove + "receiptHandle=9223372036854775808", 4430, 10260},
    {"a handle of 30 digits", remove + "receiptHandle=111111111111111111111111111111", 4430, 10260},
    {"a handle of an unknown queue", "Action=DeleteMessage&queueName=nowhere&receiptHandle=5", 4440,
     10100},
    {"a batch without handles", removes, 4000, 10390},
    {"a bare handle in a batch", removes + "&receiptHandle=5", 6020, 10290},
    {"16 bad handles", removes + repeated("receiptHandle", 0, 16), 6020, 10290},
    {"17 handles", removes + repeated("receiptHandle", 1, 17), 4000, 10370},
    {"handles with a gap", removes + "&receiptHandle.0=5&receiptHandle.2=6", 4000, 10380},
    {"an empty handle in a batch", removes + "&receiptHandle.0=", 6020, 10290},
    {"handles numbered in words", removes + "&receiptHandle.a=5", 4000, 10310},
};

const std::vector<Case> rewinds = {
    {"no time", rewind, 4000, 10390},
    {"now", rewind + "startConsumeTime=1700000000", 0, 0},
    {"now in milliseconds", rewind + "startConsumeTime=1700000000000", 0, 0},
    {"in a minute", rewind + "startConsumeTime=1700000060", 4000, 10680},
    {"as far back as it goes", rewind + "startConsumeTime=1699999900", 0, 0},
    {"too far back", rewind + "startConsumeTime=1699999899", 4000, 10680},
    {"time 0", rewind + "startConsumeTime=0", 4000, 10680},
    {"a negative time", rewind + "startConsumeTime=-1", 4000, 10350},
    {"the byte that one SDK sends", rewind + "startConsumeTime=%01", 4000, 10360},
    {"a date", rewind + "startConsumeTime=2023-11-14", 4000, 10360},
    {"a time in microseconds", rewind + "startConsumeTime=1700000000000000", 4000, 10350},
    {"a queue that keeps nothing",
     "Action=RewindQueue&queueName=orders&startConsumeTime=1700000000", 6050, 10670},
};

const std::vector<Case> ours = {
    {"hide: no handle", hide + "visibilityTimeout=5", 4000, 10390},
    {"hide: no time", hide + "receiptHandle=5", 4000, 10390},
    {"hide: a bad handle", hide + "receiptHandle=5&visibilityTimeout=0", 4430, 10260},
    {"hide: 43201 s", hide + "receiptHandle=5&visibilityTimeout=43201", 4000, 10350},
    {"hide: 43200 s", hide + "receiptHandle=5&visibilityTimeout=43200", 4430, 10260},
    {"hide: -1 s", hide + "receiptHandle=5&visibilityTimeout=-1", 4000, 10350},
    {"hide: a word", hide + "receiptHandle=5&visibilityTimeout=long", 4000, 10360},
    {"peek: as usual", peek, 0, 0},
    {"peek: 0", peek + "numOfMsg=0", 4000, 10350},
    {"peek: 100", peek + "numOfMsg=100", 0, 0},
    {"peek: 101", peek + "numOfMsg=101", 4000, 10350},
    {"peek: a phase that is none", peek + "phase=gone", 4000, 10350},
    {"peek: each phase", peek + "phase=inflight", 0, 0},
    {"peek: from the end of all sequences", peek + "startSequence=9223372036854775807", 0, 0},
    {"peek: from past it", peek + "startSequence=18446744073709551616", 4000, 10350},
    {"peek rewind: no time", look + "", 4000, 10390},
    {"peek rewind: a time", look + "startConsumeTime=1700000000", 0, 0},
    {"peek rewind: too far back", look + "startConsumeTime=1699999899", 4000, 10680},
    {"peek rewind: a message that is not there", look + "startMessageId=7", 4000, 10681},
    {"peek rewind: a message in words", look + "startMessageId=first", 4000, 10360},
    {"peek: from a word", peek + "startSequence=first", 4000, 10360},
};

void check(const std::vector<Case>& cases) {
    for (const auto& one : cases) {
        Door door;
        door.good("Action=CreateQueue&queueName=orders");
        door.good("Action=CreateQueue&queueName=large&maxMsgSize=1048576");
        door.good("Action=CreateQueue&queueName=rewindable&rewindSeconds=100");
        const auto answer = door.json(one.form);
        CAPTURE(one.what);
        CAPTURE(one.form.substr(0, 100));
        CAPTURE(answer.dump().substr(0, 300));
        CHECK(answer["code"] == one.code);
        const auto message = answer["message"].get<std::string>();
        CHECK(message.substr(0, message.find(')') + 1) ==
              (one.module ? '(' + std::to_string(one.module) + ')' : ""));
        CHECK(answer["requestId"] == door.request_id);
    }
}

}  // namespace

TEST_SUITE("unit/protocol") {
    SCENARIO("odd actions are told apart") { check(actions); }
    SCENARIO("odd forms are read or refused") { check(forms); }
    SCENARIO("odd queue names are refused, and missing queues told") { check(names); }
    SCENARIO("odd attributes are refused by name") { check(attributes); }
    SCENARIO("odd pages of a list are refused") { check(lists); }
    SCENARIO("odd sends are refused") { check(sends); }
    SCENARIO("odd batches of bodies are refused") { check(batches); }
    SCENARIO("odd receives are refused") { check(takes); }
    SCENARIO("odd deletes are refused") { check(deletes); }
    SCENARIO("odd rewinds are refused") { check(rewinds); }
    SCENARIO("odd values of our own actions are refused") { check(ours); }

    SCENARIO("each common parameter is asked for by name") {
        const std::string whole = "Action=ListQueue&Timestamp=1&Nonce=1&SecretId=s&Signature=x";
        Door door;
        for (const std::string name : {"Timestamp=1", "Nonce=1", "SecretId=s", "Signature=x"}) {
            auto without = whole;
            without.erase(without.find("&" + name), name.size() + 1);
            auto empty = whole;
            empty.erase(empty.find(name) + name.size() - 1, 1);
            const auto text =
                "(10390)lacked of required parameter " + name.substr(0, name.find('='));
            for (const auto& form : {without, empty}) {
                const auto answer = door.json(HttpRequest{"POST", "/", "", "h", form});
                CAPTURE(form);
                CHECK(answer["code"] == 4000);
                CHECK(answer["message"] == text);
            }
        }
        for (const auto& [timestamp, message] :
             {std::pair{"noon", "(10360)parameter Timestamp error type"},
              {"-1", "(10350)parameter Timestamp value or length is out of range"},
              {"9223372036854775808",
               "(10350)parameter Timestamp value or length is out of range"}}) {
            const auto form = "Action=ListQueue&Nonce=1&SecretId=s&Signature=x&Timestamp=" +
                              std::string(timestamp);
            CHECK(door.json(HttpRequest{"POST", "/", "", "h", form})["message"] == message);
        }
    }

    SCENARIO("a GET has its parameters in the query, a POST in the body only") {
        const std::string form = "Action=ListQueue&Timestamp=1&Nonce=1&SecretId=s&Signature=x";
        Door door;
        door.good(HttpRequest{"GET", "/anything", form, "h", "Action=Nonsense"});
        door.good(HttpRequest{"POST", "/", "Action=Nonsense", "h", form});
        CHECK(door.json(HttpRequest{"POST", "/", form, "h", ""})["message"] ==
              "(10390)lacked of required parameter Action");
        for (const auto* method : {"PUT", "DELETE", "HEAD", "get", "OPTIONS"})
            CHECK(door.json(HttpRequest{method, "/", form, "h", form})["message"] ==
                  "(10410)unexpected http " + std::string(method) +
                      " only GET or POST is supported");
    }
}

}  // namespace cmq::protocol
