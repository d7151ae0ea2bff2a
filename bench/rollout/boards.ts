// A process of its own: virtual boards of the unix port that confirm what they were sent after a second.
// Arguments: URL of the broker, prefix of their names, how many. Prints `ready` when all take commands.
import { VirtualBoard } from '../../simulator';
import { systemTool } from '../../test/support/system-tool';

/** Boards that start at the same time. */
const AT_ONCE = 8;
const PATIENCE_MS = 120_000;

async function main(): Promise<void> {
  const [url = '', prefix = '', count = '1'] = process.argv.slice(2);
  process.env.MICROPYTHON = await systemTool('micropython');
  const boards = Array.from(
    { length: Number(count) },
    (_, n) =>
      new VirtualBoard({
        url,
        prefix: `${prefix}/${n + 1}`,
        runtime: 'unix',
        config: 'update = {"confirm": 1}',
      }),
  );
  const stop = async () => {
    await Promise.all(boards.map((board) => board.stop()));
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  const waiting = [...boards];
  const startNext = async () => {
    for (let board = waiting.shift(); board; board = waiting.shift()) {
      await board.start();
      await board.waitForLine(/ready for commands/, PATIENCE_MS);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, startNext));
  console.log('ready');
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
