// What the page asks of the server. It knows nothing of what is shown.

// fetchState returns the workspace as somebody sees it, with the messages that changed after a cursor ('': all); null
// when the server cannot be reached.
export async function fetchState(as, after) {
  try {
    const answer = await fetch(`/_page/state?${new URLSearchParams({ as, after })}`);
    return await answer.json();
  } catch {
    return null;
  }
}

// post sends JSON and returns the JSON answered, whose "error" says what was refused.
export async function post(path, body) {
  try {
    const answer = await fetch(`/_page/${path}`, {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
    });
    return await answer.json();
  } catch {
    return { error: 'the workspace cannot be reached' };
  }
}

// watch calls changed after each change of the workspace, and reachable with whether the server is there.
export function watch(changed, reachable) {
  const changes = new EventSource('/_page/changes');
  changes.onmessage = changed;
  changes.onopen = () => reachable(true);
  changes.onerror = () => reachable(false);
}
