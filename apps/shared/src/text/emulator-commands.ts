/** A few of the emulator's commands, to try an answer of each kind by hand; `/help` lists them all. */
export const emulatorCommands: readonly string[] = [
  '/markdown',
  '/long',
  '/code',
  '/reason',
  '/slow 3000',
  '/error',
  '/help',
]
