// The work on one answer: files go to fal, the request is built, fal is asked or a job is followed. It knows no tree, no
// storage and no conversation; what happens is reported, and what it ends in is returned. It never rejects.
//
// Loaded with the first question: the endpoints come with it.

import type { Endpoint, EndpointId } from '../../../endpoints/index.ts'
import { FalLlmError, toFalLlmError } from '../../../errors.ts'
import type { GenerationEvent, GenerationResult } from '../../../events.ts'
import type { FalLlm, GenerateRequest } from '../../../generate/fal-llm.ts'
import { subscribeToRun } from '../../../generate/subscribe-to-run.ts'
import type { GenerationRun } from '../../../generate/run.ts'
import type { Stopwatch } from '../../../generate/timing.ts'
import type { RequestBuilder } from '../../prompt/build-request.ts'
import type { MemoryPolicy } from '../../prompt/select-turns.ts'
import { createRepeatSkipper } from '../../prompt/skip-repeat.ts'
import type { ChatMessage, ContextReport } from '../../state.ts'
import type { Outcome, AnswerPhase } from '../chat-event.ts'
import type { Asked, KeptJob } from '../../kept.ts'

/** One answer to work on. */
export interface AnswerTask {
  readonly llm: () => Promise<FalLlm>
  readonly signal: AbortSignal
  readonly stopwatch: Stopwatch
  readonly asked: Asked
  /** The endpoint of a name: own ones are known to the chat only. */
  readonly endpointOf: (name: string | undefined) => EndpointId | Endpoint | undefined
  /** A job that is to be followed; else the answer is asked for. */
  readonly job?: KeptJob | undefined
  /** The turns above the answer, and the answer so far when it is to be continued. */
  readonly path: readonly ChatMessage[]
  readonly continues: boolean
  /** Files of the last turn that are not uploaded yet, in the order of its images. */
  readonly files: readonly (Blob | string | undefined)[]
  readonly memory: MemoryPolicy | false | undefined
  readonly builder: RequestBuilder
  /** Milliseconds the user's own functions may take. */
  readonly callbackMs: number | undefined
}

/** What is told while an answer is worked on. */
export interface AnswerReport {
  phase(phase: AnswerPhase): void
  uploaded(turnId: string, urls: readonly string[]): void
  context(context: ContextReport): void
  event(event: GenerationEvent): void
  /** fal is about to be given a job. */
  submitting(): void
  /** A run has begun: it can be stopped or left. */
  begun(run: GenerationRun): void
  failedCallback(error: unknown): void
}

/** How the work ended: with an answer, without, or with a job that is to be followed. */
export type WorkEnding =
  | Outcome
  | { readonly accepted: KeptJob; readonly reasoningForced?: true | undefined }

/** Works on an answer to its end. Never rejects. */
export async function runAnswer(task: AnswerTask, report: AnswerReport): Promise<WorkEnding> {
  try {
    if (task.signal.aborted) throw task.signal.reason
    const llm = await unlessAborted(task.signal, task.llm())
    return await (task.job ? follow(task, llm, task.job, report) : ask(task, llm, report))
  } catch (thrown) {
    return { ok: false, error: toFalLlmError(thrown), timing: task.stopwatch.read() }
  }
}

function follow(
  task: AnswerTask,
  llm: FalLlm,
  job: KeptJob,
  report: AnswerReport,
): Promise<Outcome> {
  const endpoint = task.endpointOf(job.endpoint) ?? (job.endpoint as EndpointId)
  const { requestId } = job
  return listen(
    task,
    llm.attach({ endpoint, requestId }, { logs: true, patienceMs: Infinity }),
    report,
  )
}

async function ask(task: AnswerTask, llm: FalLlm, report: AnswerReport): Promise<WorkEnding> {
  const { asked, memory, builder, signal, callbackMs, continues } = task
  const path = await withUploads(task, llm, report)
  const endpointWanted = task.endpointOf(asked.endpoint)
  const { model, params, system, mode } = asked
  const plan = {
    endpoint: endpointWanted,
    model,
    system,
    memory,
    continues,
    callbackMs,
    report: report.failedCallback,
  }
  const built = await unlessAborted(signal, builder.build(path, plan))
  report.context(built.context)
  const { endpoint } = built
  const request: GenerateRequest = { ...built.request, endpoint, model, params }
  if (mode === 'durable') {
    report.submitting()
    const { requestId, reasoningForced } = await llm.submit({ ...request, signal })
    return { accepted: { requestId, endpoint: endpoint.id }, reasoningForced }
  }
  const run = llm.generate({ ...request, mode, logs: true })
  const soFar = continues ? (path.at(-1)?.text ?? '') : ''
  const result = await listen(task, run, soFar ? withoutRepeat(soFar, report) : report)
  if (result.ok) builder.learn(built, result.usage)
  return result
}

async function listen(
  { stopwatch, signal }: AnswerTask,
  run: GenerationRun,
  report: AnswerReport,
): Promise<Extract<Outcome, { ok: true }> & Pick<GenerationResult, 'usage'>> {
  report.begun(run)
  if (signal.aborted) void run.stop()
  const { toolCalls, usage } = await subscribeToRun(run, (event) => {
    stopwatch.handle(event)
    report.event(event)
  })
  return { ok: true, toolCalls, usage, timing: stopwatch.read() }
}

/** A model that starts over says again what is there already. */
function withoutRepeat(soFar: string, report: AnswerReport): AnswerReport {
  const skipper = createRepeatSkipper(soFar)
  const say = (delta: string): void => {
    if (delta) report.event({ type: 'text-delta', delta })
  }
  return {
    ...report,
    event(event) {
      if (event.type === 'text-delta') return say(skipper.push(event.delta))
      if (event.type === 'finish') say(skipper.end())
      report.event(event)
    },
  }
}

/** The path, with the files of its last turn at fal. */
async function withUploads(
  { path, files, signal }: AnswerTask,
  llm: FalLlm,
  report: AnswerReport,
): Promise<readonly ChatMessage[]> {
  const turn = path.findLast((message) => message.role === 'user')
  if (!turn || !files.some((file) => file !== undefined)) return path
  report.phase('uploading')
  const known = turn.parts.flatMap((part) => (part.type === 'image' ? [part.url] : []))
  const send = async (file: Blob | string | undefined, index: number): Promise<string> => {
    if (file === undefined) return known[index] ?? ''
    return llm.upload(typeof file === 'string' ? await bytesOf(file) : file, { signal })
  }
  const urls = await unlessAborted(signal, Promise.all(files.map(send)))
  report.uploaded(turn.id, urls)
  report.phase('submitted')
  let next = 0
  const parts = turn.parts.map((part) =>
    part.type === 'image' ? { ...part, url: urls[next++] || part.url } : part,
  )
  return path.map((message) => (message === turn ? { ...turn, parts } : message))
}

async function bytesOf(dataUri: string): Promise<Blob> {
  try {
    return await (await fetch(dataUri)).blob()
  } catch (cause) {
    throw new FalLlmError('invalid-input', 'An image is no readable data: URI', { cause })
  }
}

/** What a stopped answer ends with. */
export function stoppedError(): FalLlmError {
  return new FalLlmError('aborted', 'The answer was stopped')
}

function unlessAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
