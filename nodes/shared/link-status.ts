import type { NodeStatus } from 'node-red';
import type { MqboardError } from '../../core/index';
import type { LinkState } from './server-node';
import type { Words } from './words';

const COMMON = 'node-red:common.status.';

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
