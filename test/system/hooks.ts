import { systemTool } from '../support/system-tool';

/**
 * Finds or fetches the programs of these tests before the first of them. A machine that has no way to
 * get them skips the tests, with the reason; in CI that is a failure.
 */
export const mochaHooks = {
  async beforeAll(this: Mocha.Context): Promise<void> {
    this.timeout(600_000);
    try {
      for (const name of ['mosquitto', 'micropython', 'chromium'] as const) await systemTool(name);
    } catch (error) {
      if (process.env.CI === 'true') throw error;
      console.error((error as Error).message);
      this.skip();
    }
  },
};
