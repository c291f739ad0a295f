import './load-parts.ts'
import { FalLlmError } from '@fal-llm/core'
import type {
  FalLlm,
  GenerateRequest,
  GenerationEvent,
  GenerationResult,
  GenerationRun,
} from '@fal-llm/core'

/** One call of `generate`, played by the test. */
export interface ScriptedCall {
  readonly request: GenerateRequest
  /** 'running' until it is finished, failed, stopped or detached. */
  readonly state: 'running' | 'finished' | 'failed' | 'stopped' | 'detached'
  emit(...events: GenerationEvent[]): void
  /** Emits a text delta. */
  addText(delta: string): void
  finish(): void
  fail(error: FalLlmError): void
}

/** A client whose answers the test writes. It sends nothing anywhere. */
export interface ScriptedLlm extends FalLlm {
  readonly calls: readonly ScriptedCall[]
  /** The last call; throws where there was none. */
  readonly last: ScriptedCall
}

/** Creates a client without a network. */
export function createScriptedLlm(): ScriptedLlm {
  const calls: ScriptedCall[] = []
  const begin = (request: GenerateRequest): GenerationRun => {
    const { call, run } = createCall(request)
    calls.push(call)
    return run
  }
  return {
    calls,
    get last() {
      const last = calls.at(-1)
      if (!last) throw new Error('generate() was not called')
      return last
    },
    generate(request) {
      // What a call was asked for is looked at by tests, whatever its endpoint.
      return begin(request as GenerateRequest)
    },
    attach: ({ endpoint, requestId }) => begin({ endpoint, prompt: `attach ${requestId}` }),
    submit: async ({ endpoint = 'openrouter/router' }) => ({
      requestId: `request-${calls.length + 1}`,
      endpoint: typeof endpoint === 'string' ? endpoint : endpoint.id,
    }),
    cancel: async () => 'cancelled',
    upload: async (file) =>
      `https://v3.fal.media/files/${file instanceof Blob ? file.size : file.byteLength}`,
    fal: () => Promise.reject(new Error('A scripted client has no @fal-ai/client')),
  }
}

function createCall(request: GenerateRequest): { call: ScriptedCall; run: GenerationRun } {
  const events: GenerationEvent[] = []
  const waiters = new Set<() => void>()
  let state: ScriptedCall['state'] = 'running'
  let text = ''
  let resolveResult: (result: GenerationResult) => void = () => {}
  let rejectResult: (error: FalLlmError) => void = () => {}
  const result = new Promise<GenerationResult>((resolve, reject) => {
    resolveResult = resolve
    rejectResult = reject
  })
  result.catch(() => {})
  const resume = (): void => {
    for (const waiter of waiters) waiter()
    waiters.clear()
  }
  const settle = (next: ScriptedCall['state'], error?: FalLlmError): void => {
    if (state !== 'running') return
    state = next
    if (error) rejectResult(error)
    else {
      resolveResult({
        text,
        reasoning: '',
        toolCalls: [],
        finishReason: 'stop',
        usage: {
          promptTokens: 1,
          completionTokens: 1,
          totalTokens: 2,
          costUsd: undefined,
          estimated: true,
        },
        timing: { startedAt: 0, totalMs: 1 },
        requestId: 'request-1',
        endpoint: 'openrouter/router',
        model: request.model,
      })
    }
    resume()
  }
  async function* iterate(): AsyncGenerator<GenerationEvent> {
    let read = 0
    for (;;) {
      const event = events[read]
      if (event) {
        read += 1
        yield event
      } else if (state === 'running') {
        await new Promise<void>((resolve) => waiters.add(resolve))
      } else {
        await result
        return
      }
    }
  }
  const call: ScriptedCall = {
    request,
    get state() {
      return state
    },
    emit(...added) {
      if (state !== 'running') return
      for (const event of added) if (event.type === 'text-delta') text += event.delta
      events.push(...added)
      resume()
    },
    addText: (delta) => call.emit({ type: 'text-delta', delta }),
    finish() {
      call.emit({ type: 'finish', reason: 'stop' })
      settle('finished')
    },
    fail: (error) => settle('failed', error),
  }
  const run: GenerationRun = {
    [Symbol.asyncIterator]: iterate,
    textStream: {
      async *[Symbol.asyncIterator]() {
        for await (const event of iterate()) if (event.type === 'text-delta') yield event.delta
      },
    },
    requestId: 'request-1',
    then: (onResult, onError) => result.then(onResult, onError),
    async stop() {
      settle('stopped', new FalLlmError('aborted', 'The answer was stopped'))
      await result.catch(() => {})
    },
    detach: () => settle('detached', new FalLlmError('aborted', 'Listening ended')),
  }
  return { call, run }
}
