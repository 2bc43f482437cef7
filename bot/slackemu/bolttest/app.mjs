// A small app on @slack/bolt, as its documentation shows one: Socket Mode, one command, buttons, forms, searchable
// menus, shortcuts, one mention. The only unusual thing is the address of the Web API.
import bolt from '@slack/bolt';

const app = new bolt.App({
  token: process.env.SLACK_BOT_TOKEN,
  appToken: process.env.SLACK_APP_TOKEN,
  socketMode: true,
  clientOptions: { slackApiUrl: process.env.SLACK_API_URL },
});

app.command('/cbh', async ({ command, ack, client, respond }) => {
  await ack({ text: `bolt heard ${command.text}` });
  await client.chat.postMessage({
    channel: command.channel_id,
    text: 'A card from bolt',
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: '*A card from bolt*' } },
      { type: 'actions', elements: [
        { type: 'button', action_id: 'approve', text: { type: 'plain_text', text: 'Approve' }, style: 'primary', value: '1' },
        { type: 'button', action_id: 'deny', text: { type: 'plain_text', text: 'Deny' }, style: 'danger', value: '1' },
      ] },
    ],
  });
  await respond({ text: 'and answered through response_url' });
});

app.action('approve', async ({ ack, body, client }) => {
  await ack();
  await client.chat.update({ channel: body.channel.id, ts: body.message.ts, text: `Approved by <@${body.user.id}>`, blocks: [] });
});

app.action('deny', async ({ ack, body, client }) => {
  await ack();
  await client.views.open({
    trigger_id: body.trigger_id,
    view: {
      type: 'modal',
      callback_id: 'denial',
      private_metadata: JSON.stringify({ channel: body.channel.id, ts: body.message.ts }),
      title: { type: 'plain_text', text: 'Deny' },
      submit: { type: 'plain_text', text: 'Deny' },
      blocks: [
        { type: 'input', block_id: 'reason', label: { type: 'plain_text', text: 'Why?' }, element: { type: 'plain_text_input', action_id: 'reason' } },
        { type: 'input', block_id: 'host', optional: true, label: { type: 'plain_text', text: 'Which?' }, element: { type: 'external_select', action_id: 'host', min_query_length: 0 } },
      ],
    },
  });
});

app.options('host', async ({ options, ack }) => {
  const name = `bastion-${options.value}`;
  await ack({ options: [{ text: { type: 'plain_text', text: name }, value: name }] });
});

app.view('denial', async ({ ack, view, client, body }) => {
  const reason = view.state.values.reason.reason.value;
  if (reason === 'no') {
    await ack({ response_action: 'errors', errors: { reason: 'Say more than no.' } });
    return;
  }
  await ack();
  const { channel, ts } = JSON.parse(view.private_metadata);
  await client.chat.postMessage({ channel, thread_ts: ts, text: `Denied by <@${body.user.id}>: ${reason}` });
});

// The form of the global shortcut opens at once and is filled in later.
app.shortcut({ type: 'shortcut', callback_id: 'schedule_upgrade' }, async ({ ack, shortcut, client }) => {
  await ack();
  const text = (words) => ({ type: 'plain_text', text: words });
  const view = { type: 'modal', callback_id: 'plan', title: text('Plan'), submit: text('Go on') };
  const opened = await client.views.open({ trigger_id: shortcut.trigger_id, view: { ...view, blocks: [{ type: 'section', text: text('One moment.') }] } });
  await client.views.update({
    view_id: opened.view.id,
    hash: opened.view.hash,
    view: { ...view, blocks: [
      { type: 'input', block_id: 'hosts', label: text('Which?'), element: { type: 'multi_external_select', action_id: 'host', min_query_length: 2 } },
      { type: 'input', block_id: 'where', label: text('Where?'), element: { type: 'conversations_select', action_id: 'where', default_to_current_conversation: true, response_url_enabled: true } },
    ] },
  });
});

app.view('plan', async ({ ack, view, respond }) => {
  await ack();
  const names = view.state.values.hosts.host.selected_options.map((o) => o.value);
  await respond({ text: `planned ${names.join(', ')}` });
});

app.shortcut({ type: 'message_action', callback_id: 'schedule_from_message' }, async ({ ack, shortcut, respond }) => {
  await ack();
  await respond({ text: `from ${shortcut.message.text}`, blocks: [
    { type: 'actions', elements: [{ type: 'button', action_id: 'next', text: { type: 'plain_text', text: 'Next' } }] },
  ] });
});

app.action('next', async ({ ack, respond }) => {
  await ack();
  await respond({ text: 'the next page', replace_original: true });
});

app.event('app_mention', async ({ event, say }) => {
  await say({ text: 'bolt was mentioned', thread_ts: event.ts });
});

process.on('SIGTERM', async () => {
  await app.stop();
  process.exit(0);
});

await app.start();
