/** Path of a program that the system tests need; fetched when it is nowhere. Throws in words. */
export function systemTool(name: 'mosquitto' | 'micropython' | 'chromium'): string;
