// Finds the programs that the system tests run against: mosquitto, the unix port of MicroPython, and
// Chromium. Looked for in this order: the environment (MOSQUITTO, MICROPYTHON, CHROMIUM), PATH, the
// folder .tools/. What is missing is fetched through apt, as it is set up on this machine: mosquitto
// and MicroPython as packages of a newer Debian, unpacked into .tools/ and not installed, for which no
// root is needed; Chromium by an ordinary install from the machine's own Debian.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const toolsDir = join(root, '.tools');

/** The variable that names each program, and how it is fetched: unpacked (its path) or installed. */
const programs = {
  mosquitto: { variable: 'MOSQUITTO', unpack: 'usr/sbin/mosquitto' },
  micropython: { variable: 'MICROPYTHON', unpack: 'usr/bin/micropython' },
  chromium: { variable: 'CHROMIUM' },
};

/** Debian 13: the first release with a MicroPython that the firmware runs on (1.25). */
const suite = 'trixie';

/**
 * Path of a program that the system tests need; it is fetched when it is nowhere.
 * @param {'mosquitto' | 'micropython' | 'chromium'} name
 * @returns {string} a path that can be run as it is
 * @throws {Error} in words, when it is missing and cannot be fetched
 */
export function systemTool(name) {
  const { variable, unpack } = programs[name];
  const wrapper = join(toolsDir, name, 'run');
  const found = process.env[variable] || onPath(name) || (existsSync(wrapper) && wrapper);
  if (found) return found;
  try {
    return unpack ? fetchUnpacked(name, unpack) : install(name);
  } catch (error) {
    throw new Error(
      `${name} is not installed and could not be fetched (${error.message}). ` +
        `Install it, or set ${variable} to its path.`,
    );
  }
}

function onPath(name) {
  const places = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
  return places.map((place) => join(place, name)).find((path) => existsSync(path));
}

function install(name) {
  console.error(`Installing ${name} with apt ...`);
  const apt = (...args) => execFileSync('apt-get', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  apt('update');
  apt('install', '--yes', '--no-install-recommends', name);
  return onPath(name);
}

function fetchUnpacked(name, binary) {
  console.error(`Fetching ${name} from Debian ${suite} into .tools/ ...`);
  const home = join(toolsDir, name);
  const files = join(home, 'root');
  rmSync(home, { recursive: true, force: true });
  mkdirSync(files, { recursive: true });
  for (const deb of downloadWithDependencies(name)) execFileSync('dpkg-deb', ['-x', deb, files]);
  return writeWrapper(join(home, 'run'), files, binary);
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
  return wrapper;
}

/** Downloads a package and the libraries it depends on; returns the paths of the .deb files. */
function downloadWithDependencies(name) {
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
    name,
  ]);
  // Only libraries: what belongs to the system's administration is of no use to it here.
  const libraries = tree.split('\n').filter((line) => /^lib[a-z0-9]/.test(line));
  run('apt-get', ['download', name, ...new Set(libraries.map((line) => line.replace(/:.*$/, '')))]);
  return readdirSync(join(apt, 'debs')).map((file) => join(apt, 'debs', file));
}

/** An apt of our own for the suite: the machine's mirror and keys, but its own lists and cache. */
function aptFolder() {
  const apt = join(toolsDir, 'apt');
  for (const folder of ['lists/partial', 'cache/archives/partial']) {
    mkdirSync(join(apt, folder), { recursive: true });
  }
  rmSync(join(apt, 'debs'), { recursive: true, force: true });
  mkdirSync(join(apt, 'debs'));
  const mirror = debianMirror();
  const keys = '/usr/share/keyrings/debian-archive-keyring.gpg';
  writeFileSync(join(apt, 'sources.list'), `deb [signed-by=${keys}] ${mirror} ${suite} main\n`);
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

/** Where this machine gets its own release of Debian from; known before any list was fetched. */
function debianMirror() {
  const release = readFileSync('/etc/os-release', 'utf8').match(/^VERSION_CODENAME=(\w+)$/m)?.[1];
  const sources = execFileSync('apt-get', ['--print-uris', 'update'], { encoding: 'utf8' });
  const mirror = sources.match(new RegExp(`^'(\\S+)/dists/${release}/InRelease'`, 'm'))?.[1];
  if (!mirror) throw new Error('apt is not set up with a mirror of Debian on this machine');
  return mirror;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const name of Object.keys(programs)) console.log(`${name}: ${systemTool(name)}`);
}
