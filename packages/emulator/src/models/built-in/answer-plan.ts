/** What the built-in model is going to say, and how. Commands in the prompt change it. */
export interface AnswerPlan {
  readonly text: string
  /** Empty: none. */
  readonly reasoning: string
  /** Milliseconds before the first token; undefined: what the emulator was started with. */
  readonly firstTokenMs?: number
  readonly tokensPerSecond?: number
  /** Said as an in-band error after half of the text. */
  readonly error?: string
}
