import { type ConnectionOptions, parseBrokerUrl } from '../core/index';
import { usageError } from './broker-options';
import { pythonLiteral } from './python-literal';

/** What a new board is told about itself. */
export interface FirstConfig {
  /** The start of its topics. */
  prefix: string;
  broker: ConnectionOptions;
  /** Undefined: somebody has to fill it in. */
  wifi: string | undefined;
  wifiPassword: string | undefined;
  kind: string | undefined;
}

const NO_TLS = '\n    # Without TLS: whoever is on the way reads along, and may send commands.';

/**
 * The template of board_config.py, filled in. The last level of the prefix is the board's name.
 * @throws InvalidInputError for a broker that a board cannot reach
 */
export function firstConfig(template: string, { prefix, broker, kind }: FirstConfig): string {
  const { protocol, port, secure } = parseBrokerUrl(broker.url);
  if (protocol === 'ws' || protocol === 'wss') {
    throw usageError('A board reaches its broker by mqtt:// or mqtts://, not over WebSocket.');
  }
  const name = prefix.slice(prefix.lastIndexOf('/') + 1);
  const above = prefix.slice(0, prefix.length - name.length);
  const text = new Template(template)
    .fill(/^location = "[^"]*"/m, `location = ${pythonLiteral(name)}`)
    .fill(/^_prefix = .*$/m, `_prefix = ${above && `${pythonLiteral(above)} + `}location`)
    .fill(/"port": \d+/, `"port": ${port}`);
  if (kind) text.fill(/^kind = "[^"]*"/m, `kind = ${pythonLiteral(kind)}`);
  if (!secure) text.fill(/(\n {4}#[^\n]*)*\n {4}"ssl_params": [^\n]*/, NO_TLS);
  return text.text;
}

/** The template of board_secrets.py, filled in as far as it is known. */
export function firstSecrets(template: string, config: FirstConfig): string {
  const { broker, wifi, wifiPassword } = config;
  const { host, username, password } = { ...parseBrokerUrl(broker.url), ...broker };
  const text = new Template(template);
  const set = (name: string, value: string | undefined) =>
    text.fill(new RegExp(`^${name} = "[^"]*"`, 'm'), `${name} = ${pythonLiteral(value ?? null)}`);
  set('mqtt_server', host);
  set('mqtt_user', username);
  set('mqtt_password', password);
  if (wifi !== undefined) set('wifi_ssid', wifi);
  if (wifiPassword !== undefined) set('wifi_pass', wifiPassword);
  return text.text;
}

/** What nobody has filled in yet, in words; `secrets` is a board_secrets.py. */
export function stillMissing(secrets: string): string[] {
  const untouched = /^wifi_ssid = "my network"/m.test(secrets);
  return untouched ? ['the name and the password of the Wi-Fi in board_secrets.py'] : [];
}

/** Text with places that have to be there: a template that changed must not be filled in by half. */
class Template {
  constructor(public text: string) {}

  fill(place: RegExp, filling: string): this {
    if (!place.test(this.text)) throw new Error(`The template of a configuration lacks ${place}.`);
    this.text = this.text.replace(place, () => filling);
    return this;
  }
}
