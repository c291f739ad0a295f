import type { Endpoint } from '../endpoints/endpoint.ts'
import { nearest } from '../endpoints/validate/nearest.ts'
import { FalLlmError } from '../errors.ts'
import type { RunMode } from '../events.ts'
import { falRun } from './answers/fal-run.ts'
import { falStream } from './answers/fal-stream.ts'
import { openAiStream } from './answers/openai-chat.ts'
import type { Transport } from './call.ts'

/** The mode a call gets when it names none: `stream` where the endpoint has one, else `queue`. */
export function defaultMode(endpoint: Endpoint): RunMode {
  return endpoint.supports.stream ? 'stream' : 'queue'
}

/**
 * Picks the way an endpoint is called.
 *
 * @throws FalLlmError `invalid-input` for a mode that is none, `unsupported` for one that the endpoint has not.
 */
export function pickTransport(endpoint: Endpoint, mode: RunMode): Transport {
  if (!modes.includes(mode)) throw unknownMode(mode, endpoint)
  if (mode === 'stream' && !endpoint.supports.stream) {
    throw new FalLlmError(
      'unsupported',
      `"${endpoint.id}" has no stream. Use mode: 'queue' or mode: 'run'`,
      { endpoint: endpoint.id },
    )
  }
  return transports[endpoint.kind][mode]
}

const modes: readonly RunMode[] = ['stream', 'queue', 'run']

function unknownMode(mode: unknown, endpoint: Endpoint): FalLlmError {
  const similar = nearest(mode, modes)
  const hint = similar === undefined ? '' : `. Did you mean "${similar}"?`
  const given = typeof mode === 'string' ? `"${mode.slice(0, 50)}"` : `a ${typeof mode}`
  const message = `must be "stream", "queue" or "run", not ${given}${hint}`
  return new FalLlmError('invalid-input', `mode: ${message}`, {
    endpoint: endpoint.id,
    issues: [{ path: 'mode', message, type: 'enum' }],
  })
}

// Loaded with the first queued call: a chat that only streams never carries it.
const falQueue: Transport = async (call) => (await import('./queue/fal-queue.ts')).falQueue(call)

const transports: Record<Endpoint['kind'], Record<RunMode, Transport>> = {
  prompt: { stream: falStream, run: falRun, queue: falQueue },
  messages: { stream: openAiStream, run: falRun, queue: falQueue },
}
