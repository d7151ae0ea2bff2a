import fc from 'fast-check';

/** A message of the model: how many lines it has, and whether the board drops it. */
interface Said {
  lines: number;
  dropped: boolean;
}

/** One line as it is published. A notice stands for several numbers. */
export interface Published {
  payload: string;
  /** Unique in all boots; undefined of a notice. */
  text?: string;
}

const said: fc.Arbitrary<Said> = fc.record({
  lines: fc.integer({ min: 1, max: 3 }),
  dropped: fc.boolean(),
});

/** What one boot publishes: each line that it says, or a notice in the place of those it drops. */
function published(boot: string, messages: Said[]): Published[] {
  const lines: Published[] = [];
  let seq = 0;
  let lost = 0;
  const notice = () => {
    if (lost > 0) lines.push({ payload: `W 5#${boot}.${seq}  logging: ${lost} lines lost` });
    lost = 0;
  };
  for (const message of messages) {
    if (message.dropped) {
      seq += message.lines;
      lost += message.lines;
      continue;
    }
    notice();
    for (let line = 1; line <= message.lines; line++) {
      seq++;
      const text = `${boot}-${seq}`;
      const mark = line < message.lines ? '+' : '';
      lines.push({ payload: `I 5#${boot}.${seq}${mark}     main: ${text}`, text });
    }
  }
  notice();
  return lines;
}

/** How many lines a boot said up to one that it published. */
function numberOf({ payload }: Published): number {
  return Number(/\.(\d+)/.exec(payload)?.[1]);
}

/** What came of one board's log: in which order, how often, and what did not. */
export interface Course {
  arrived: Published[];
  /** So many lines were said up to the last one of each boot that arrived. */
  said: number;
}

/**
 * Any course: several boots, lines that never come, and after a break the board goes on somewhere before
 * where it was, maybe with lines of the boot before.
 */
export const course: fc.Arbitrary<Course> = fc
  .record({
    boots: fc.array(fc.array(said, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 }),
    lost: fc.infiniteStream(fc.nat(3)),
    back: fc.infiniteStream(fc.nat(11)),
  })
  .map(({ boots, lost, back }) => {
    const arrived: Published[] = [];
    let said = 0;
    let before: Published[] = [];
    for (const [index, messages] of boots.entries()) {
      // The first line of all arrives: before it nobody knows of the board.
      const lines = published(`a0${index}`, messages);
      const heard: Published[] = [];
      for (const line of lines) {
        if (lost.next().value === 0 && arrived.length > 0) continue;
        heard.push(line);
        arrived.push(line);
        const again = back.next().value ?? 0;
        if (again < 4) arrived.push(...[...before, ...heard].slice(-again - 1));
      }
      const last = heard.at(-1);
      if (last) said += numberOf(last);
      if (heard.length > 0) before = heard;
    }
    return { arrived, said };
  });
