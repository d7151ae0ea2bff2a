/** Path of a program that the system tests run; fetched when it is nowhere. Throws in words. */
export async function systemTool(name: 'mosquitto' | 'micropython' | 'chromium'): Promise<string> {
  const tools = await import('../../scripts/system-tools.mjs');
  return tools.systemTool(name);
}
