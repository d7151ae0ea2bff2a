/** lwIP's "no such name", which is also what an ESP32 without Wi-Fi says to a lookup. */
export const EAI_FAIL = -202;
