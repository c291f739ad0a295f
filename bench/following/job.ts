/** A prompt that asks the emulator's model for so much work. */
export const promptOf = (name: string, workMs: number): string => `${name} ${workMs}`

/** What it answers. */
export const answerTo = (name: string): string => `done ${name}`
