/** How a request runs. stream: POST …/stream (OpenAI: `stream: true`). queue: submit, follow, result. run: one blocking POST. */
export type RunMode = 'stream' | 'queue' | 'run'

/** A log line of a queued job. Each line arrives once, in order. */
export interface LogLine {
  readonly message: string
  readonly level: string
  /** ISO 8601. */
  readonly timestamp: string
}

/** Why the model stopped writing. */
export type FinishReason = 'stop' | 'length' | 'content-filter' | 'tool-calls' | 'unknown'

/** What an answer used. `estimated` is true when fal did not report it and we counted characters. */
export interface Usage {
  readonly promptTokens: number
  readonly completionTokens: number
  readonly totalTokens: number
  /** US dollars as fal reported them; undefined when it did not. */
  readonly costUsd: number | undefined
  readonly estimated: boolean
}

/** When things happened. `startedAt` is milliseconds since the epoch, the others milliseconds since `startedAt`. */
export interface Timing {
  readonly startedAt: number
  readonly queuedMs?: number
  readonly firstTokenMs?: number
  readonly totalMs: number
  /** Completion tokens per second between the first token and the end. */
  readonly tokensPerSecond?: number
}

/** The only words a transport may say. `text-delta`s concatenate to the answer unless a `reset` came between. */
export type GenerationEvent =
  | {
      type: 'start'
      requestId: string | undefined
      endpoint: string
      model: string | undefined
      mode: RunMode
      /** Reasoning was turned on although nobody asked for it: the model does not answer without. */
      reasoningForced?: true
    }
  | {
      type: 'queue-update'
      requestId: string
      status: 'IN_QUEUE' | 'IN_PROGRESS' | 'COMPLETED'
      position?: number
      logs: readonly LogLine[]
    }
  | { type: 'text-delta'; delta: string }
  | { type: 'reasoning-delta'; delta: string }
  /** Forget the text and reasoning so far. */
  | { type: 'reset'; reason: 'rewrite' | 'retry' }
  | { type: 'usage'; usage: Usage }
  | { type: 'finish'; reason: FinishReason }

/** A fragment of a tool call; `argumentsDelta`s of one index concatenate. It goes to the result, not to listeners. */
export interface ToolCallFragment {
  readonly type: 'tool-call-delta'
  readonly index: number
  readonly id?: string
  readonly name?: string
  readonly argumentsDelta: string
}

/** What a transport tells its run. */
export type Emit = (event: GenerationEvent | ToolCallFragment) => void

/** A call the model wants made. `arguments` is the JSON text as the model wrote it. */
export interface ToolCall {
  readonly id: string | undefined
  readonly name: string
  readonly arguments: string
}

/** One whole answer. */
export interface GenerationResult {
  readonly text: string
  readonly reasoning: string
  /** Empty unless the endpoint was given tools. */
  readonly toolCalls: readonly ToolCall[]
  readonly finishReason: FinishReason
  readonly usage: Usage
  readonly timing: Timing
  readonly requestId: string | undefined
  readonly endpoint: string
  readonly model: string | undefined
  /** Reasoning was turned on although nobody asked for it: the model does not answer without. */
  readonly reasoningForced?: true
}
