import type { NodeAPI } from 'node-red';
import { MqboardError, type TlsOptions, testConnection } from '../../core/index';
import { connectionOptions, type ServerFields } from '../shared/server-settings';
import {
  type EditedTls,
  editedTlsOptions,
  type TlsCredentials,
  type TlsNode,
  tlsOptions,
  UNCHANGED,
} from './tls';

/** What the dialog's button sends: its fields as they are, saved or not. */
interface TestRequest extends ServerFields {
  /** The server node, for the password that the editor was never told. */
  id: string;
  tls?: string;
  /** Set when the `tls-config` is changed, or new, and not deployed. */
  tlsEdited?: EditedTls;
}

/** Somebody waits in front of the dialog: rather an early "does not answer" than a late one. */
const PATIENCE_MS = 8_000;

/** Answers `POST mqboard-config/test` with `{connected: true, server}` or `{connected: false, code, message}`. */
export function registerTestRoute(RED: NodeAPI): void {
  /** A field may name an environment variable, `${NAME}`, as everywhere in Node-RED. */
  const fill = <T>(value: T, id: string): T =>
    typeof value === 'string' && /^\$\{\w+\}$/.test(value)
      ? RED.util.evaluateNodeProperty(value, 'env', RED.nodes.getNode(id) ?? ({} as never), {})
      : value;

  const credentialsOf = (id: string) => {
    const nodes = RED.nodes as unknown as { getCredentials(id: string): object | undefined };
    return nodes.getCredentials(id) ?? {};
  };

  const tlsOf = ({ tls, tlsEdited }: TestRequest): TlsOptions | undefined => {
    if (!tls) return undefined;
    if (tlsEdited) return editedTlsOptions(tlsEdited, credentialsOf(tls) as TlsCredentials);
    const node = RED.nodes.getNode(tls) as unknown as TlsNode | null;
    return node ? tlsOptions(node) : undefined;
  };

  RED.httpAdmin.post(
    '/mqboard-config/test',
    RED.auth.needsPermission('mqboard-config.write'),
    async (request, response) => {
      try {
        const asked = request.body as TestRequest;
        const fields = Object.fromEntries(
          Object.entries(asked).map(([name, value]) => [name, fill(value, asked.id)]),
        ) as unknown as TestRequest;
        const stored = credentialsOf(asked.id) as { password?: string };
        const { password = UNCHANGED } = fields;
        const options = connectionOptions(
          { ...fields, password: (password === UNCHANGED ? stored.password : password) ?? '' },
          tlsOf(asked),
        );
        // Under its own id: the test must not throw out the node that runs with this one.
        const { clientId, ...others } = options;
        await testConnection({ ...others, connectTimeoutMs: PATIENCE_MS });
        response.json({ connected: true, server: options.url });
      } catch (error) {
        const code = error instanceof MqboardError ? error.code : 'OTHER';
        response.json({ connected: false, code, message: (error as Error).message });
      }
    },
  );
}
