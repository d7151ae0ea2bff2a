import { present, Said } from './said';

/** Vital signs, as far as the board has means to find them. */
export interface Sysinfo {
  /** Seconds since the start. */
  up?: number;
  /** Bytes of free heap, and the largest piece of it as far as it was probed. */
  free?: number;
  contFree?: number;
  /** Connections to the broker so far. */
  mqttConn?: number;
  boot?: number;
  boots?: number;
  mode?: string;
  /** Heap of the chip's firmware, bytes: free, largest piece, lowest so far. */
  idfFree?: number;
  idfLargest?: number;
  idfLowest?: number;
  /** Bytes of the file system on `/`. */
  fsTotal?: number;
  fsFree?: number;
  /** Longest time that the loop was held since the last message, milliseconds. */
  loopMs?: number;
  /** Log lines of this boot: number of the last one, and how many were dropped. */
  logSaid?: number;
  logLost?: number;
  /** Wi-Fi, dBm. */
  rssi?: number;
  ip?: string;
  /** Of the chip, degrees Celsius. */
  temp?: number;
  /** Keys that this package does not know, as they are. */
  other: Record<string, unknown>;
}

const MOST_BYTES = 16_384;

const NUMBERS = {
  up: 'up',
  free: 'free',
  cont_free: 'contFree',
  mqtt_conn: 'mqttConn',
  boot: 'boot',
  boots: 'boots',
  idf_free: 'idfFree',
  idf_largest: 'idfLargest',
  idf_lowest: 'idfLowest',
  fs_total: 'fsTotal',
  fs_free: 'fsFree',
  loop_ms: 'loopMs',
  log_said: 'logSaid',
  log_lost: 'logLost',
  rssi: 'rssi',
  temp: 'temp',
} as const;
const KNOWN = new Set([...Object.keys(NUMBERS), 'mode', 'ip']);

/** Reads vital signs. Returns undefined for what is no JSON object. */
export function parseSysinfo(payload: Buffer | string): Sysinfo | undefined {
  const said = Said.parse(payload, MOST_BYTES);
  if (!said) return undefined;
  const { keys } = said;
  const sysinfo: Sysinfo = {
    ...present({ mode: said.text('mode'), ip: said.text('ip') }),
    other: Object.fromEntries(Object.entries(keys).filter(([key]) => !KNOWN.has(key))),
  };
  for (const [key, name] of Object.entries(NUMBERS)) {
    const value = key === 'up' ? said.seconds(key) : said.number(key);
    if (value !== undefined) sysinfo[name] = value;
  }
  return sysinfo;
}
