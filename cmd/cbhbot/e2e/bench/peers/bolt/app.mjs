// A plain approval bot on Bolt, as its documentation shows one: ack, then work. It
// does what socketmode beside it does. The benchmark runs it beside cbhbot.
import bolt from '@slack/bolt';
import * as chrono from 'chrono-node';
import { Redis } from 'ioredis';

const env = process.env;
const redis = new Redis(env.REDIS_URL);
const app = new bolt.App({
  token: env.SLACK_BOT_TOKEN, appToken: env.SLACK_APP_TOKEN, socketMode: true,
  logLevel: bolt.LogLevel.WARN, clientOptions: { slackApiUrl: env.SLACK_API_URL },
});

const day = 24 * 60 * 60 * 1000;
const json = { 'Content-Type': 'application/json' };
let token = { value: '', until: 0 };

async function iamToken() {
  if (Date.now() < token.until) return token.value;
  const user = { name: env.CBH_IAM_USER, password: env.CBH_IAM_PASSWORD, domain: { name: env.CBH_IAM_DOMAIN } };
  const answer = await fetch(`${env.IAM_ENDPOINT}/v3/auth/tokens`, {
    method: 'POST', headers: json,
    body: JSON.stringify({ auth: { identity: { methods: ['password'], password: { user } }, scope: { project: { id: env.CBH_PROJECT_ID } } } }),
  });
  if (!answer.ok) throw new Error(`IAM answered ${answer.status}`);
  const { token: { expires_at } } = await answer.json();
  token = { value: answer.headers.get('X-Subject-Token'), until: Date.parse(expires_at) - 60_000 };
  return token.value;
}

async function upgrade({ server, at }) {
  const answer = await fetch(`${env.CBH_ENDPOINT}/v2/${env.CBH_PROJECT_ID}/cbs/instance/upgrade`, {
    method: 'POST', headers: { ...json, 'X-Auth-Token': await iamToken() },
    body: JSON.stringify({ server_id: server, upgrade_time: Number(at) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`the cloud answered ${answer.status}: ${text}`);
}

const button = (action_id, text, value) => ({ type: 'button', action_id, value, text: { type: 'plain_text', text } });
const section = (text) => ({ type: 'section', text: { type: 'mrkdwn', text } });

app.command('/cbh', async ({ command, ack, client, respond }) => {
  await ack();
  const [, server, when] = /^upgrade (\S+) (.+)$/.exec(command.text) ?? [];
  const at = when && chrono.parseDate(when, new Date(), { forwardDate: true });
  if (!at) return respond('Type /cbh upgrade, a server and a time.');
  if (at.getTime() < Date.now() + day) return respond('That is too soon.');
  const key = `request:${await redis.incr('last')}`;
  await redis.hset(key, { server, at: at.getTime(), by: command.user_id });
  await client.chat.postMessage({
    channel: command.channel_id, text: `Upgrade of ${server}`,
    blocks: [
      section(`<@${command.user_id}> asks for the upgrade of \`${server}\` at ${at.toUTCString()}`),
      { type: 'actions', block_id: 'decision', elements: [button('approve', 'Approve', key), button('deny', 'Deny', key)] },
    ],
  });
});

app.action(/^(approve|deny)$/, async ({ action, ack, body, client }) => {
  await ack();
  const channel = body.channel.id, ts = body.message.ts;
  if (!await redis.hsetnx(action.value, 'decision', `${action.action_id} ${body.user.id}`)) return;
  const request = await redis.hgetall(action.value);
  const decided = `Upgrade of \`${request.server}\`: ${action.action_id} by <@${body.user.id}>`;
  await client.chat.update({ channel, ts, text: decided, blocks: [section(decided)] });
  if (action.action_id !== 'approve') return;
  let text = `:white_check_mark: The upgrade of \`${request.server}\` is scheduled.`;
  try {
    await upgrade(request);
  } catch (error) {
    text = `:x: The upgrade of \`${request.server}\` failed: ${error.message}`;
  }
  await redis.hset(action.value, 'outcome', text);
  await client.chat.postMessage({ channel, thread_ts: ts, text });
});

process.on('SIGTERM', async () => {
  await app.stop();
  redis.disconnect();
  process.exit(0);
});

await app.start();
