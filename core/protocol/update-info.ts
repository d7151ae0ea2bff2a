import { present, Said } from './said';

/** What of a board's files belongs together, and is replaced as a whole. */
export const SLOTS = ['framework', 'app', 'config'] as const;
export type Slot = (typeof SLOTS)[number];

/** What can be updated. */
export type UpdateTarget = Slot | 'image';

const MODES = ['normal', 'trial', 'safe'] as const;
/** How a board runs: as ever, with something new that is not confirmed yet, or without the application. */
export type BoardMode = (typeof MODES)[number];

const STATES = ['trial', 'confirmed', 'undone'] as const;

/** The last update of a board, and what became of it. */
export interface UpdateInfo {
  /** The host's number of it. */
  id: string;
  what: UpdateTarget;
  version: string;
  state: (typeof STATES)[number];
  /** Why it was undone, in words, and the id of the crash report that tells more. */
  why?: string;
  crash?: string;
}

/** What is in a slot, as the birth message says it. */
export interface SlotInfo {
  /** Undefined where it is no release. */
  name?: string;
  version?: string;
  /** Files of it were changed otherwise since. */
  modified?: true;
}

/** What a board says of its partitions for firmware images. */
export interface ImageInfo {
  /** Label of the partition that runs. */
  slot: string;
  /** Bytes that an image may have. */
  size: number;
  /** Chip id, as in an image's header. */
  chip: number;
}

/** More slots than a board will ever have. */
const MOST_SLOTS = 16;

/** The keys of a birth message that are about updates. */
export function updateKeys(said: Said) {
  return {
    mode: said.word('mode', MODES),
    releases: releases(Said.of(said.keys.releases)),
    update: update(Said.of(said.keys.update)),
    image: image(Said.of(said.keys.image)),
    safe: said.text('safe'),
    why: said.text('why'),
  };
}

function releases(said: Said | undefined): Record<string, SlotInfo> | undefined {
  if (!said) return undefined;
  const slots = Object.keys(said.keys).slice(0, MOST_SLOTS);
  return Object.fromEntries(
    slots.flatMap((slot) => {
      const entry = Said.of(said.keys[slot]);
      if (!entry) return [];
      const modified: true | undefined = entry.true('modified') || undefined;
      const [name, version] = [entry.text('name'), entry.text('version')];
      return [[slot, present({ name, version, modified }) satisfies SlotInfo]];
    }),
  );
}

/** Reads what a board says of an update; undefined for what says too little. */
export function update(said: Said | undefined): UpdateInfo | undefined {
  const id = said?.text('id');
  const what = said?.word('what', [...SLOTS, 'image'] as const);
  const state = said?.word('state', STATES);
  if (!said || id === undefined || what === undefined || state === undefined) return undefined;
  const version = said.text('version') ?? '';
  return {
    id,
    what,
    version,
    state,
    ...present({ why: said.text('why'), crash: said.text('crash') }),
  };
}

function image(said: Said | undefined): ImageInfo | undefined {
  const slot = said?.text('slot');
  const size = said?.count('size');
  const chip = said?.count('chip');
  if (slot === undefined || size === undefined || chip === undefined) return undefined;
  return { slot, size, chip };
}
