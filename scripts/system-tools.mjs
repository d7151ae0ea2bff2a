// Finds the programs that the system tests run against: mosquitto and the unix port of MicroPython.
// Looked for in this order: the environment (MOSQUITTO, MICROPYTHON), PATH, the folder .tools/.
// What is missing is fetched as Debian packages through apt, as it is set up on this machine, and
// unpacked into .tools/; nothing is installed into the system, and no root is needed.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const toolsDir = join(root, '.tools');

/** What each program is made of. The newest release that we test against comes from `suite`. */
const programs = {
  mosquitto: {
    variable: 'MOSQUITTO',
    binary: 'usr/sbin/mosquitto',
    packages: ['mosquitto'],
  },
  micropython: {
    variable: 'MICROPYTHON',
    binary: 'usr/bin/micropython',
    packages: ['micropython'],
  },
};

/** Debian 13: the first release with a MicroPython that the firmware runs on (1.25). */
const suite = 'trixie';

/**
 * Path of a program that the system tests need; it is fetched when it is nowhere.
 * @param {'mosquitto' | 'micropython'} name
 * @returns {string} a path that can be run as it is
 * @throws {Error} in words, when it is missing and cannot be fetched
 */
export function systemTool(name) {
  const { variable } = programs[name];
  const given = process.env[variable];
  if (given) return given;
  const found = onPath(name);
  if (found) return found;
  const wrapper = join(toolsDir, name, 'run');
  if (!existsSync(wrapper)) fetchTool(name);
  return wrapper;
}

function onPath(name) {
  const places = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
  return places.map((place) => join(place, name)).find((path) => existsSync(path));
}

function fetchTool(name) {
  const { variable, binary, packages } = programs[name];
  const home = join(toolsDir, name);
  console.error(`Fetching ${name} from Debian ${suite} into .tools/ ...`);
  try {
    rmSync(home, { recursive: true, force: true });
    const files = join(home, 'root');
    mkdirSync(files, { recursive: true });
    for (const deb of downloadWithDependencies(packages)) {
      execFileSync('dpkg-deb', ['-x', deb, files]);
    }
    writeWrapper(join(home, 'run'), files, binary);
  } catch (error) {
    rmSync(home, { recursive: true, force: true });
    throw new Error(
      `${name} is not installed and could not be fetched (${error.message}). ` +
        `Install it, or set ${variable} to its path.`,
    );
  }
}

/**
 * Starts the program through the C library it was built for, which may be newer than the system's.
 */
function writeWrapper(wrapper, files, binary) {
  const libraries = ['usr/lib', 'lib']
    .flatMap((folder) => {
      const path = join(files, folder);
      return existsSync(path) ? readdirSync(path).map((sub) => join(path, sub)) : [];
    })
    .filter((path) => path.endsWith('-linux-gnu'));
  const loader = libraries
    .flatMap((path) => readdirSync(path).map((file) => join(path, file)))
    .find((path) => /\/ld-linux[^/]*\.so\.\d+$/.test(path));
  writeFileSync(
    wrapper,
    `#!/bin/sh\nexec "${loader}" --library-path "${libraries.join(':')}" "${join(files, binary)}" "$@"\n`,
  );
  chmodSync(wrapper, 0o755);
}

/** Downloads packages and all that they depend on; returns the paths of the .deb files. */
function downloadWithDependencies(packages) {
  const apt = aptFolder();
  const env = { ...process.env, APT_CONFIG: join(apt, 'apt.conf'), LC_ALL: 'C' };
  const run = (command, args) =>
    execFileSync(command, args, {
      cwd: join(apt, 'debs'),
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  if (readdirSync(join(apt, 'lists')).length < 2) run('apt-get', ['update']);
  const tree = run('apt-cache', [
    'depends',
    '--recurse',
    '--no-recommends',
    '--no-suggests',
    '--no-conflicts',
    '--no-breaks',
    '--no-replaces',
    '--no-enhances',
    ...packages,
  ]);
  const names = tree.split('\n').filter((line) => /^[a-z0-9]/.test(line));
  // What belongs to the system's administration is of no use to a program started by hand.
  const wanted = names.filter((name) => packages.includes(name) || /^lib/.test(name));
  run('apt-get', ['download', ...new Set(wanted.map((name) => name.replace(/:.*$/, '')))]);
  const debs = readdirSync(join(apt, 'debs')).map((file) => join(apt, 'debs', file));
  return debs;
}

/** An apt of our own for the suite: the machine's mirror and keys, but its own lists and cache. */
function aptFolder() {
  const apt = join(toolsDir, 'apt');
  for (const folder of ['lists/partial', 'cache/archives/partial']) {
    mkdirSync(join(apt, folder), { recursive: true });
  }
  rmSync(join(apt, 'debs'), { recursive: true, force: true });
  mkdirSync(join(apt, 'debs'));
  const mirrors = execFileSync('apt-get', ['indextargets', '--format', '$(REPO_URI) $(ORIGIN)'], {
    encoding: 'utf8',
  });
  const mirror = mirrors
    .split('\n')
    .map((line) => line.split(' '))
    .find(([uri, origin]) => origin === 'Debian' && !uri.includes('security'));
  if (!mirror) throw new Error('apt knows no mirror of Debian on this machine');
  const keys = '/usr/share/keyrings/debian-archive-keyring.gpg';
  writeFileSync(join(apt, 'sources.list'), `deb [signed-by=${keys}] ${mirror[0]} ${suite} main\n`);
  writeFileSync(
    join(apt, 'apt.conf'),
    [
      `Dir::Etc::sourcelist "${join(apt, 'sources.list')}";`,
      'Dir::Etc::sourceparts "-";',
      `Dir::State::lists "${join(apt, 'lists')}";`,
      `Dir::Cache "${join(apt, 'cache')}";`,
      'Dir::State::status "/dev/null";',
      'APT::Sandbox::User "root";',
      '',
    ].join('\n'),
  );
  return apt;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const name of Object.keys(programs)) console.log(`${name}: ${systemTool(name)}`);
}
