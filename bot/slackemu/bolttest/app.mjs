// The scenario's app on @slack/bolt, as its documentation shows one. The only unusual thing is the address of the Web
// API. ../scenario/slackgo_test.go is the same app.
import bolt from '@slack/bolt';

const app = new bolt.App({
  token: process.env.SLACK_BOT_TOKEN,
  appToken: process.env.SLACK_APP_TOKEN,
  socketMode: true,
  clientOptions: { slackApiUrl: process.env.SLACK_API_URL },
});

const plain = (text) => ({ type: 'plain_text', text });
const section = (text) => ({ type: 'section', text: { type: 'mrkdwn', text } });
const button = (action_id, text, more) => ({ type: 'button', action_id, text: plain(text), value: '1', ...more });
const search = (action_id) => ({ type: 'external_select', action_id, placeholder: plain('Search'), min_query_length: 0 });
const organisation = (id) => (id ? ` in ${id}` : '');

const card = [
  section('*A card*'),
  { type: 'actions', elements: [button('approve', 'Approve'), button('deny', 'Deny', { style: 'danger' }), search('host')] },
];

const modal = (callback_id, title, private_metadata, blocks) => ({
  type: 'modal', callback_id, title: plain(title), submit: plain('Send'), private_metadata, notify_on_close: true, blocks,
});
const asking = { type: 'input', block_id: 'reason', label: plain('Why?'), element: { type: 'plain_text_input', action_id: 'reason' } };
const denial = (title, meta) => modal('denial', title, meta, [
  asking,
  { type: 'input', block_id: 'host', optional: true, label: plain('Which?'), element: search('host') },
  { type: 'actions', elements: [button('clock', 'Update'), button('next', 'More')] },
]);
const details = (meta) => modal('details', 'Details', meta, [asking]);
const plan = modal('plan', 'Plan', '', [
  { type: 'input', block_id: 'hosts', label: plain('Which?'), element: { type: 'multi_external_select', action_id: 'hosts' } },
  { type: 'input', block_id: 'where', label: plain('Where?'), element: {
    type: 'conversations_select', action_id: 'where', default_to_current_conversation: true, response_url_enabled: true,
  } },
]);

const verbs = {
  async respond({ ack, respond }) {
    await ack();
    await respond({ text: 'responded', response_type: 'in_channel' });
  },
  async whisper({ ack, command, client, respond }, to) {
    await ack();
    const user = to || command.user_id;
    try {
      await client.chat.postEphemeral({ channel: command.channel_id, user, text: `only for <@${user}>` });
    } catch (e) {
      await respond({ text: `Slack says ${e.data.error}` });
    }
  },
  async card({ ack, command, client }) {
    await ack();
    await client.chat.postMessage({ channel: command.channel_id, text: 'A card', blocks: card });
  },
  async flood({ ack, command, client }, n) {
    await ack();
    for (let i = 1; i <= Number(n); i++) await client.chat.postMessage({ channel: command.channel_id, text: `flood ${i}` });
  },
};

app.command('/bench', async (args) => {
  const [verb, rest] = args.command.text.split(/ (.*)/s);
  if (verbs[verb]) return verbs[verb](args, rest);
  return args.ack({ text: `heard ${args.command.text}${organisation(args.command.enterprise_id)}` });
});

app.action('approve', async ({ ack, body, client, context }) => {
  await ack();
  const text = `Approved by <@${body.user.id}> of ${body.user.team_id}${organisation(context.enterpriseId)}`;
  await client.chat.update({ channel: body.channel.id, ts: body.message.ts, text, blocks: [] });
});

app.action('deny', async ({ ack, body, client }) => {
  await ack();
  await client.views.open({ trigger_id: body.trigger_id, view: denial('Deny', `${body.channel.id} ${body.message.ts}`) });
});

app.action('clock', async ({ ack, body, client }) => {
  await ack();
  await client.views.update({ view_id: body.view.id, hash: body.view.hash, view: denial('Deny, updated', body.view.private_metadata) });
});

app.action('next', async ({ ack, body, client }) => {
  await ack();
  await client.views.push({ trigger_id: body.trigger_id, view: details(body.view.private_metadata) });
});

app.action('page', async ({ ack, respond }) => {
  await ack();
  await respond({ text: 'the next page', replace_original: true });
});

app.options('host', async ({ options, ack }) => {
  const name = `bastion-${options.value}`;
  await ack({ options: [{ text: plain(name), value: name }] });
});

const answers = {
  no: () => ({ response_action: 'errors', errors: { reason: 'Say more than no.' } }),
  ask: (meta) => ({ response_action: 'update', view: denial('Sure?', meta) }),
  more: (meta) => ({ response_action: 'push', view: details(meta) }),
  leave: () => ({ response_action: 'clear' }),
};

app.view(/denial|details/, async ({ ack, view, client, body, context }) => {
  const reason = view.state.values.reason.reason.value;
  if (answers[reason]) return ack(answers[reason](view.private_metadata));
  await ack();
  const [channel, thread_ts] = view.private_metadata.split(' ');
  const text = `Denied by <@${body.user.id}> of ${body.team.id}, installed in ${context.teamId}: ${reason}`;
  return client.chat.postMessage({ channel, thread_ts, text });
});

app.view({ type: 'view_closed', callback_id: /.*/ }, async ({ ack, view, client, body }) => {
  await ack();
  await client.chat.postMessage({ channel: 'C0OPS', text: `closed ${view.callback_id}, cleared: ${body.is_cleared}` });
});

app.view('plan', async ({ ack, view, respond }) => {
  await ack();
  await respond({ text: `planned ${view.state.values.hosts.hosts.selected_options.map((o) => o.value).join(', ')}` });
});

app.shortcut({ type: 'shortcut', callback_id: 'open_bench' }, async ({ ack, shortcut, client }) => {
  await ack();
  await client.views.open({ trigger_id: shortcut.trigger_id, view: plan });
});

app.shortcut({ type: 'message_action', callback_id: 'from_message' }, async ({ ack, shortcut, respond }) => {
  await ack();
  await respond({ text: `from ${shortcut.message.text}`, blocks: [{ type: 'actions', elements: [button('page', 'Next')] }] });
});

app.event('app_home_opened', async ({ event, client }) => {
  await client.views.publish({ user_id: event.user, view: { type: 'home', blocks: [section('Welcome home.')] } });
});

app.event('app_mention', async ({ event, body, context, say }) => {
  await say({ thread_ts: event.ts, text: `heard ${event.text}, attempt ${context.retryNum ?? 0}, for ${body.authorizations[0].team_id}` });
});

app.message(async ({ message, say }) => {
  if (!message.subtype) await say(`you said ${message.text}`);
});

process.on('SIGTERM', async () => {
  await app.stop();
  process.exit(0);
});

await app.start();
