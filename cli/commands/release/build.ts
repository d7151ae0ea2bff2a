import { writeFile } from 'node:fs/promises';
import type { ArgumentsCamelCase, CommandModule } from 'yargs';
import { LocalFileError, packRelease, systemWords } from '../../../core/index';
import { usageError } from '../../broker-options';
import { endByLocalFile } from '../../failure';
import { type ReleaseArguments, releaseFrom, withReleaseOptions } from '../../release-options';
import { bytes } from '../../words';

type BuildArguments = ReleaseArguments & { out?: string | undefined; json: boolean };

async function run(args: ArgumentsCamelCase<BuildArguments>): Promise<void> {
  try {
    const release = await releaseFrom(args);
    const { slot, name, version, files } = release.manifest;
    const out = args.out ?? `${name}-${version}.mqb`.replaceAll('/', '-');
    const data = packRelease(release);
    if (out === '-' && args.json) throw usageError('The release goes to stdout: leave --json out.');
    if (out === '-') process.stdout.write(data);
    else await write(out, data);
    const made = { slot, name, version, files: files.length, bytes: data.length, out };
    const text = `${out}: ${slot} ${name} ${version}, ${counted(files.length)}, ${bytes(data.length)}\n`;
    if (args.json) process.stdout.write(`${JSON.stringify({ ok: true, ...made })}\n`);
    else if (out !== '-') process.stdout.write(text);
  } catch (error) {
    endByLocalFile(error, args.json);
  }
}

function counted(files: number): string {
  return `${files} ${files === 1 ? 'file' : 'files'}`;
}

async function write(path: string, data: Buffer): Promise<void> {
  try {
    await writeFile(path, data);
  } catch (error) {
    throw new LocalFileError(`The release cannot be written: ${systemWords(error)}.`);
  }
}

const command: CommandModule<object, BuildArguments> = {
  command: 'build [source] [out]',
  describe: 'Make a release of a folder, as one file that deploy takes',
  builder: (yargs) =>
    withReleaseOptions(yargs)
      .positional('out', {
        type: 'string',
        describe: 'File to write, if missing: NAME-VERSION.mqb here; - is stdout',
      })
      .nargs('out', 1)
      .options({
        json: { type: 'boolean', default: false, describe: 'A line of JSON instead of text' },
      }),
  handler: run,
};

export default command;
