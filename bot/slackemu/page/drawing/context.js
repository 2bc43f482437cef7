// What drawing a message or view needs to know: whose eyes it is for, and how its elements act.
import { act, suggest } from '../acts.js';
import { person, reader, workspace } from '../state/store.js';

// context is that of a place {channel, ts} or {view}.
export function context(place) {
  const { users, channels, groups } = workspace;
  return {
    ...reader(), users, channels, groups, user: person,
    act: (element, block, value, values) => act('action', { ...place, block_id: block.block_id, action: element.action_id, value, values }),
    suggest: (element, block, query) => suggest({ ...place, block_id: block.block_id, action: element.action_id }, query),
  };
}
