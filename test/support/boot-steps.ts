import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VirtualBoard, VirtualBoardOptions } from '../../simulator';
import { tinyBoard } from './tiny-board';

export const bootPy: string = readFileSync(join(__dirname, '../../firmware/boot.py'), 'utf8');

/** What boot.py has decided: as it left it for main.py. */
export interface Decision {
  mode: string;
  why: string;
  undone: boolean;
  state: Record<string, unknown> & { last?: Record<string, unknown> };
}

/** Ends of a boot, as Python: what the board says of it at the next one is in its name. */
export const ends = {
  hang: 'machine.WDT(timeout=50)\nwhile True: pass',
  unexplained: 'machine.reset()',
  intended: 'note(1)\nmachine.reset()',
  crash: 'note(2)\nmachine.reset()',
  sleep: 'machine.deepsleep(1)',
  soft: 'raise SystemExit',
};

const MAIN = (steps: string[]) => `
import json, machine, os
def note(state):
    if not hasattr(machine, "RTC") or not hasattr(machine.RTC, "memory"):
        if "crashes" not in os.listdir("/"): os.mkdir("/crashes")
        with open("/crashes/note", "w") as file: json.dump([state, "why"], file)
        return
    text = bytearray(480)
    text[:4] = b"MQb1"
    text[31] = state
    machine.RTC().memory(text)
def save(**state):
    import boot
    boot.save(state)
def read(path):
    try:
        with open(path) as file: return file.read()
    except OSError: return None
try:
    n = int(open("/n").read())
except OSError:
    n = 0
with open("/n", "w") as file: file.write(str(n + 1))
print("BOOT", json.dumps({"mode": mode, "why": why, "undone": undone, "state": state}))
exec(${JSON.stringify(steps)}[n])
print("END")
`;

/** In safe mode the same steps are carried out. */
const SAFE_MODE = `
import time
import __main__
def run():
    with open("/main.py") as file: exec(file.read(), __main__.__dict__)
    while True: time.sleep(60)
`;

/**
 * The decisions of a board with nothing but boot.py, whose boots carry out one step each: Python, in which
 * \`save(trial={...})\` sets the state and \`read(path)\` reads a file.
 */
export async function decisions(
  steps: string[],
  options: Partial<VirtualBoardOptions> = {},
  powerCutAfter: number[] = [],
): Promise<{ decisions: Decision[]; lines: string[] }> {
  const board = tinyBoard(MAIN(steps), {
    ...options,
    files: { 'boot.py': bootPy, 'lib/safe_mode.py': SAFE_MODE, ...options.files },
  });
  const lines: string[] = [];
  board.on('line', (line) => lines.push(line));
  try {
    await board.start();
    for (const n of powerCutAfter) {
      await until(board, lines, n);
      await board.powerCut();
      await board.start();
    }
    await until(board, lines, steps.length);
  } finally {
    await board.stop();
  }
  const said = lines.filter((line) => line.startsWith('BOOT '));
  return { decisions: said.map((line) => JSON.parse(line.slice(5))), lines };
}

/** Waits until so many boots have come to their end. */
function until(board: VirtualBoard, lines: string[], boots: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`not ${boots} boots within 30 s:\n${lines.join('\n')}`)),
      30_000,
    );
    const look = () => {
      const count = lines.filter((line) => line.startsWith('BOOT ')).length;
      if (count < boots || !/^(END|>>> )/.test(lines.at(-1) ?? '')) return;
      clearTimeout(timer);
      board.off('line', look);
      resolve();
    };
    board.on('line', look);
    look();
  });
}
