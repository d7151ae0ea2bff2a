import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** Where the board finds its broker, and how it signs on. */
export interface BoardConfig {
  /** `mqtt://host:port` or `mqtts://host:port`. */
  url: string;
  /** Certificate authority that the broker is verified with (PEM). Without it TLS is not verified. */
  ca?: string;
  prefix: string;
  user?: string;
  password?: string;
  /** More keys for the board's MQTT client, `keepalive` for example; see docs/mqtt_async.md. */
  mqtt?: Record<string, string | number | boolean>;
  /** More Python for the end of board_config.py: `logging["loop_sz"] = 4096` for example. */
  config?: string;
}

/** The files of a new flash: the firmware, and a configuration made for this board. */
export function flashFiles(
  firmware: string,
  config: BoardConfig,
  extra: Record<string, string | Buffer> = {},
): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const add = (path: string, content: string | Buffer) =>
    files.set(path.replace(/^\/+/, ''), Buffer.from(content));
  for (const path of filesBelow(firmware)) add(path, readFileSync(join(firmware, path)));
  add('board_config.py', boardConfig(config));
  add('board_secrets.py', boardSecrets(config));
  if (config.ca) add('ca.pem', config.ca);
  for (const [path, content] of Object.entries(extra)) add(path, content);
  return files;
}

/** Relative paths with `/`. The examples are for reading, and bytecode is not the board's. */
function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) throw new Error(`there is no firmware in ${folder}`);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.startsWith('examples/') && !/\.(pyc|md)$/.test(path));
}

function boardConfig({ url, ca, prefix, mqtt = {}, config = '' }: BoardConfig): string {
  const { protocol, hostname, port } = brokerOf(url);
  const ssl = ca ? { server_hostname: hostname, ca: '/ca.pem' } : { server_hostname: hostname };
  const tls = protocol === 'mqtts:' ? `\n    "ssl_params": ${python(ssl)},` : '';
  const more = Object.entries(mqtt).map(([key, value]) => `\n    "${key}": ${python(value)},`);
  return `# Made by the virtual board when its flash was empty; edit it as on any board.
from board_secrets import mqtt_password, mqtt_user, wifi_password, wifi_ssid

kind = "virtual"
location = "simulator"
syspath = ["/lib", "/src"]

mqtt = {
    "server": ${python(hostname)},
    "port": ${port},${tls}
    "user": mqtt_user,
    "password": mqtt_password,
    "ssid": wifi_ssid,
    "wifi_pw": wifi_password,${more.join('')}
}
mqrepl = {"prefix": ${python(`${prefix}/mqb/`)}}
logging = {"topic": ${python(`${prefix}/log`)}, "numbered": True}
sysinfo = {"interval": 60}
sntp = {"host": "pool.ntp.org"}
modules = ["mqtt", "sntp", "logging", "mqrepl", "sysinfo"]
${config}`;
}

function boardSecrets({ user, password }: BoardConfig): string {
  return `wifi_ssid = "virtual"
wifi_password = "virtual"
mqtt_user = ${python(user)}
mqtt_password = ${python(password)}
`;
}

/** @throws {Error} when it is not the URL of a broker that a board can talk to */
export function brokerOf(url: string): { protocol: string; hostname: string; port: number } {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed?.hostname || !/^mqtts?:$/.test(parsed.protocol)) {
    throw new Error(
      `a board reaches its broker by mqtt://host:port or mqtts://host:port, not ${url}`,
    );
  }
  const { protocol, hostname } = parsed;
  return { protocol, hostname, port: Number(parsed.port) || (protocol === 'mqtts:' ? 8883 : 1883) };
}

/** Python's literal of a value. JSON's escapes are Python's too. */
function python(value: string | number | boolean | Record<string, string> | undefined): string {
  if (value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return JSON.stringify(value);
}
