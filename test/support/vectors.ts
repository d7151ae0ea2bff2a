import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../../core/protocol/manifest';

/** A message of version 1, taken apart; `data` and `payload` are hexadecimal. */
export interface MessageVector {
  name: string;
  sequence: number;
  last: boolean;
  data: string;
  payload: string;
  acknowledgement?: true;
}

/** A frame of version 2, taken apart; `data` and `payload` are hexadecimal. */
export interface FrameVector {
  name: string;
  kind: string;
  last: boolean;
  marked?: true;
  id: number;
  n: number;
  data: string;
  payload: string;
}

/** Variables on the wire, and what `repr()` says of each on the board. */
export interface VariablesVector {
  name: string;
  vars: Record<string, unknown>;
  tagged?: true;
  python: Record<string, string>;
}

/** A message of `P/log`, taken apart. */
export interface LogLineVector {
  name: string;
  payload: string;
  line: {
    level: number;
    levelName: string;
    clock?: string;
    bootTime?: number;
    name: string;
    text: string;
    boot?: string;
    seq?: number;
    backlog?: true;
    goesOn?: 'line' | 'piece';
    lost?: number;
  };
}

/** A manifest, taken apart, and as it goes to the board. */
export interface ManifestVector {
  name: string;
  manifest: Manifest;
  text: string;
}

function read<T>(file: string): T[] {
  return JSON.parse(readFileSync(join(__dirname, '../vectors', file), 'utf8'));
}

export const v1Messages = () => read<MessageVector>('v1-messages.json');
export const v2Frames = () => read<FrameVector>('v2-frames.json');
export const v2Variables = () => read<VariablesVector>('v2-variables.json');
export const logLines = () => read<LogLineVector>('log-lines.json');
export const manifests = () => read<ManifestVector>('manifests.json');
