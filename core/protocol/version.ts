/** The numbers that a version begins with; `rest` is what follows them, such as `-preview.3`. */
function parse(version: string): { numbers: number[]; rest: string } {
  const [, digits = '', rest = version] = /^v?(\d+(?:\.\d+)*)(.*)$/s.exec(version.trim()) ?? [];
  return { numbers: digits === '' ? [] : digits.split('.').map(Number), rest };
}

/**
 * Whether `version` is `least` or a later one. Numbers count, the first that differs decides; a missing one is
 * 0, and what has something behind its numbers (`1.27.0-preview`) comes before the same without. A
 * version without numbers, such as a hash, is only as high as itself.
 */
export function versionAtLeast(version: string, least: string): boolean {
  if (version === least) return true;
  const [one, other] = [parse(version), parse(least)];
  if (one.numbers.length === 0 || other.numbers.length === 0) return false;
  const length = Math.max(one.numbers.length, other.numbers.length);
  for (let index = 0; index < length; index++) {
    const difference = (one.numbers[index] ?? 0) - (other.numbers[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return !one.rest.startsWith('-') || other.rest.startsWith('-');
}
