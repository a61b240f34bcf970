// The npm package `cmq-sdk`, unchanged, against a broker.
//
// Usage: NODE_PATH=FOLDER/node_modules node node_sdk.js HOST:PORT SECRET_ID SECRET_KEY
// It insists on Tencent's host names, so connections, and nothing else, are led to HOST:PORT. Not
// part of `make test`: `npm install cmq-sdk` needs the network.
'use strict';
const assert = require('assert');
const http = require('http');
const net = require('net');

const [address, secretId, secretKey] = process.argv.slice(2);
const [host, port] = address.split(':');
http.Agent.prototype.createConnection = () => net.connect(Number(port), host);
const { CMQ } = require('cmq-sdk');

async function tryAll(signatureMethod) {
  const client = CMQ.NEW({ path: '/v2/index.php', signatureMethod, extranet: false, secretId, secretKey, region: 'gz' });
  const queueName = 'node-' + signatureMethod;
  const good = async (name, promise) => {
    const answer = await promise;
    assert.strictEqual(answer.code, 0, name + ': ' + JSON.stringify(answer));
    console.log('ok    ' + signatureMethod + ' ' + name);
    return answer;
  };
  await good('createQueue', client.createQueue({ queueName, rewindSeconds: 3600 }));
  const list = await good('listQueue', client.listQueue({ searchWord: queueName }));
  assert.strictEqual(list.queueList[0].queueName, queueName);
  await good('setQueueAttributes', client.setQueueAttributes({ queueName, visibilityTimeout: 60 }));
  const attributes = await good('getQueueAttributes', client.getQueueAttributes({ queueName }));
  assert.strictEqual(attributes.visibilityTimeout, 60);

  const body = '{"name":"käse &=+/中文"}';
  const sent = await good('sendMessage', client.sendMessage({ queueName, msgBody: body }));
  const got = await good('receiveMessage', client.receiveMessage({ queueName, pollingWaitSeconds: 1 }));
  assert.strictEqual(got.msgBody, body);
  assert.strictEqual(got.msgId, sent.msgId);
  await good('deleteMessage', client.deleteMessage({ queueName, receiptHandle: got.receiptHandle }));

  const bodies = Array.from({ length: 16 }, (_, n) => `{"index":${n}}`);
  await good('batchSendMessage', client.batchSendMessage({ queueName, msgBody: bodies }));
  const batch = await good('batchReceiveMessage', client.batchReceiveMessage({ queueName, numOfMsg: 16 }));
  assert.deepStrictEqual(batch.msgInfoList.map((m) => m.msgBody), bodies);
  const receiptHandle = batch.msgInfoList.map((m) => m.receiptHandle);
  await good('batchDeleteMessage', client.batchDeleteMessage({ queueName, receiptHandle }));

  await good('rewindQueue', client.rewindQueue({ queueName, startConsumeTime: Math.floor(Date.now() / 1000) - 60 }));
  const again = await good('receiveMessage', client.receiveMessage({ queueName }));
  assert.strictEqual(again.msgBody, body);
  const missing = await client.receiveMessage({ queueName: 'nobody' });
  assert.strictEqual(missing.code, 4440);
  await good('deleteQueue', client.deleteQueue({ queueName }));
}

(async () => {
  await tryAll('HmacSHA1');
  await tryAll('HmacSHA256');
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
