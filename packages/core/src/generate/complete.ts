import type { Endpoint, EndpointId, ModelOf, ModeOf, ParamsOf } from '../endpoints/index.ts'
import { toFalLlmError } from '../errors.ts'
import type { FalLlmError } from '../errors.ts'
import type { FinishReason, GenerationEvent, GenerationResult, Usage } from '../events.ts'
import { createStore, schedulerOf, callSafely } from '../store.ts'
import type { Flush } from '../store.ts'
import type { FalLlm, GenerateRequest } from './fal-llm.ts'
import { subscribeToRun } from './subscribe-to-run.ts'
import type { GenerationRun } from './run.ts'

/** How completions are asked for. All of it can be changed between two calls. */
export interface CompletionOptions<E extends EndpointId = EndpointId> {
  readonly llm?: FalLlm
  /** Default 'openrouter/router'. */
  readonly endpoint?: E | Endpoint
  readonly model?: ModelOf<E>
  readonly system?: string
  readonly params?: ParamsOf<E>
  readonly mode?: ModeOf<E>
  readonly flush?: Flush
  readonly onFinish?: (result: GenerationResult) => void
  readonly onError?: (error: FalLlmError) => void
}

/** What a screen shows of a completion. */
export interface CompletionState {
  readonly status: 'ready' | 'submitted' | 'queued' | 'streaming' | 'error'
  readonly text: string
  readonly reasoning: string
  readonly error: FalLlmError | undefined
  readonly usage: Usage | undefined
  readonly finishReason: FinishReason | undefined
  readonly isBusy: boolean
}

/** One answer at a time: a published state and the commands that change it. It is also a Svelte store. */
export interface Completion {
  /** The last published state; the same object until something is published. */
  getState(): CompletionState
  getServerState(): CompletionState
  /** Calls the listener at once and after each change. Returns the unsubscribe. */
  subscribe(listener: (state: CompletionState) => void): () => void
  /** Resolves with the answer, or undefined when it was stopped, overtaken or failed (see `error`). Never rejects. */
  complete(
    prompt: string,
    options?: Partial<GenerateRequest>,
  ): Promise<GenerationResult | undefined>
  /** Ends the answer being written; what was written stays. Never rejects. */
  stop(): Promise<void>
  /** Forgets the answer, and stops it if it is being written. */
  reset(): void
  setOptions(patch: Partial<CompletionOptions>): void
  /** Stops for good. */
  destroy(): void
}

const blank: CompletionState = {
  status: 'ready',
  text: '',
  reasoning: '',
  error: undefined,
  usage: undefined,
  finishReason: undefined,
  isBusy: false,
}

/** Asks a client for one answer at a time: the latest call wins and stops the one before it. */
export function createCompletion(
  initial: CompletionOptions & { readonly llm: FalLlm },
): Completion {
  let options = initial
  let state = blank
  let current: GenerationRun | undefined
  /** Settles when the last call has ended. */
  let running: Promise<unknown> | undefined
  const store = createStore(
    () => state,
    () => schedulerOf(options.flush),
  )
  const publish = (next: CompletionState): void => {
    state = next
    store.publish()
  }
  const leave = (): void => {
    void current?.stop()
    current = undefined
  }

  const complete = async (
    prompt: string,
    request: Partial<GenerateRequest> = {},
  ): Promise<GenerationResult | undefined> => {
    leave()
    const { llm, endpoint, model, system, params, mode } = options
    const run = llm.generate({ endpoint, model, system, params, mode, prompt, ...request })
    current = run
    publish({ ...blank, status: 'submitted', isBusy: true })
    try {
      const result = await subscribeToRun(run, (event) => {
        if (current !== run) return
        state = reduceCompletion(state, event)
        store.touch()
      })
      if (current !== run) return undefined
      current = undefined
      publish({ ...state, status: 'ready', isBusy: false })
      callSafely(() => options.onFinish?.(result))
      return result
    } catch (thrown) {
      if (current !== run) return undefined
      current = undefined
      const error = toFalLlmError(thrown)
      const stopped = error.code === 'aborted'
      const ending = stopped ? { status: 'ready' as const } : { status: 'error' as const, error }
      publish({ ...state, ...ending, isBusy: false })
      if (!stopped) callSafely(() => options.onError?.(error))
      return undefined
    }
  }

  return {
    getState: store.getState,
    getServerState: () => blank,
    subscribe: store.subscribe,
    complete(prompt, request) {
      const answer = complete(prompt, request)
      running = answer
      return answer
    },
    async stop() {
      await current?.stop()
      await running
    },
    reset() {
      leave()
      publish(blank)
    },
    setOptions(patch) {
      options = { ...options, ...patch, llm: patch.llm ?? options.llm }
    },
    destroy() {
      leave()
      store.destroy()
    },
  }
}

function reduceCompletion(state: CompletionState, event: GenerationEvent): CompletionState {
  switch (event.type) {
    case 'text-delta':
      return { ...state, status: 'streaming', text: state.text + event.delta }
    case 'reasoning-delta':
      return { ...state, status: 'streaming', reasoning: state.reasoning + event.delta }
    case 'reset':
      return { ...state, text: '', reasoning: '' }
    case 'queue-update':
      return state.status === 'streaming' ? state : { ...state, status: 'queued' }
    case 'usage':
      return { ...state, usage: event.usage }
    case 'finish':
      return { ...state, finishReason: event.reason }
    case 'start':
      return state
  }
}
