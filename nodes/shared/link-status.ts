import type { NodeStatus } from 'node-red';
import type { MqboardError } from '../../core/index';
import type { LinkState } from './server-node';
import type { Words } from './words';

const COMMON = 'node-red:common.status.';

/** The link is there, and there is nothing else to tell. */
export const CONNECTED: NodeStatus = { fill: 'green', shape: 'dot', text: `${COMMON}connected` };

export type Show = (status: NodeStatus) => void;

/** Shows what is not shown already: each status goes to every editor that is open. */
export function onlyNews(show: Show): Show {
  let shown = '';
  return (status) => {
    const key = JSON.stringify(status);
    if (key === shown) return;
    shown = key;
    show(status);
  };
}

/** How to show that the link is not there; undefined while it is. */
export function linkStatus({ state, error }: LinkState, words: Words): NodeStatus | undefined {
  if (state === 'connected') return undefined;
  if (state === 'connecting') return { fill: 'yellow', shape: 'ring', text: `${COMMON}connecting` };
  const refused = state === 'refused' && error;
  const text = refused ? badge(error, words) : `${COMMON}disconnected`;
  return { fill: 'red', shape: 'ring', text };
}

export function badge(error: MqboardError, words: Words): string {
  return words(`badge.${error.code}`, error.badge);
}
