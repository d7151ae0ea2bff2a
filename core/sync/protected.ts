/** The framework's names below /lib, ours and the original's: without them a board is lost. */
const FRAMEWORK = [
  ...[
    'birth',
    'board',
    'board_leds',
    'boot_id',
    'boot_state',
    'check_config',
    'crash',
    'log_drop',
    'log_levels',
    'log_lines',
    'log_print',
    'log_recent',
    'log_relay',
    'log_ring',
    'logging',
  ],
  ...['mqrepl', 'mqtt', 'mqtt_async', 'ota', 'presence', 'releases', 'safemode', 'sntp', 'sysinfo'],
  ...['restart', 'safe_mode', 'setbacks', 'startup', 'trial', 'tz_rule'],
  ...['wake', 'watch_options', 'watchdog'],
];

const AT_THE_ROOT =
  /^\/(boot|main|board_config|board_secrets)\.m?py$|^\/[^/]+\.pem$|^\/(release|safemode|crashes)(\/|$)/;

/** Whether a board may not come back without this file or folder; `path` is absolute. */
export function isProtected(path: string): boolean {
  return AT_THE_ROOT.test(path) || isOfFramework(path);
}

/** Whether a path is one of the framework's own. */
export function isOfFramework(path: string): boolean {
  const name = /^\/lib\/([^/]+?)(?:\.m?py)?(?:\/|$)/.exec(path)?.[1];
  return /^\/main\.m?py$/.test(path) || (name !== undefined && FRAMEWORK.includes(name));
}
