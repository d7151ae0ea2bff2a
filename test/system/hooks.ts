import { systemTool } from '../support/system-tool';

let found: Promise<unknown> | undefined;

/** Finds or fetches the programs of these tests: one after the other, and once for all files. */
async function findTools(): Promise<void> {
  for (const name of ['mosquitto', 'micropython', 'chromium'] as const) await systemTool(name);
}

/** Before files run side by side, which would all fetch what is missing; who needs it tells of errors. */
export async function mochaGlobalSetup(): Promise<void> {
  await findTools().catch(() => {});
}

/**
 * A machine that has no way to get the programs skips the tests, with the reason; in CI that is a
 * failure.
 */
export const mochaHooks = {
  async beforeAll(this: Mocha.Context): Promise<void> {
    this.timeout(600_000);
    try {
      found ??= findTools();
      await found;
    } catch (error) {
      if (process.env.CI === 'true') throw error;
      console.error((error as Error).message);
      this.skip();
    }
  },
};
