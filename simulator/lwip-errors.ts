/** lwIP's "no such name", which is also what an ESP32 without Wi-Fi says to a lookup. */
export const EAI_FAIL = -202;

/** Numbers of errors as MicroPython has them, which are Linux's. */
const numbers = {
  EIO: 5,
  EAGAIN: 11,
  EINVAL: 22,
  EPIPE: 32,
  ECONNABORTED: 103,
  ECONNRESET: 104,
  ENOTCONN: 107,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
  EHOSTUNREACH: 113,
  EINPROGRESS: 115,
};

/** The number of an error's name; EIO where MicroPython has none. */
export function errnoOf(code: string | undefined): number {
  return numbers[code as keyof typeof numbers] ?? numbers.EIO;
}
