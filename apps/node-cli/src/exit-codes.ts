/**
 * What the shell is told.
 *
 * @source POSIX shells: 128 and the signal's number for what a signal ended
 */
export const exitCodes = { ok: 0, failed: 1, misuse: 2, interrupted: 130 } as const
