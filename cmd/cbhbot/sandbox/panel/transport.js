// Talking to the sandbox. What it cannot do is an answer like any other; only a sandbox that is gone is a failure.

const gone = { error: 'the sandbox cannot be reached: is the program still running?' };

async function ask(path, options) {
  try {
    const answer = await fetch(`/_panel/${path}`, options);
    return answer.ok ? await answer.json() : { error: await answer.text() };
  } catch {
    return gone;
  }
}

export const loadState = () => ask('state');
export const loadCall = (id) => ask(`call?id=${encodeURIComponent(id)}`);

// perform does something and returns {text} or {error}.
export const perform = (body) => ask('act', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
