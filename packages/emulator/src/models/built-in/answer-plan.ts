/** The answer that the built-in model will give, and how fast. Commands in the prompt change it. */
export interface AnswerPlan {
  readonly text: string
  /** Empty: none. */
  readonly reasoning: string
  /** Milliseconds before the first token; undefined: as the emulator was started. */
  readonly firstTokenMs?: number
  readonly tokensPerSecond?: number
  /** An in-band error after half of the text. */
  readonly error?: string
}
