import { toFields } from '../../json.ts'
import type { ProxyCall } from './call-record.ts'
import { refuse } from './refuse.ts'
import { toRefusal } from './to-refusal.ts'

/** Which part of a call failed on the server's side. */
export type ProxyStage =
  | 'credentials'
  | 'clientAddress'
  | 'authorize'
  | 'limit'
  | 'limitFollowUps'
  | 'onRequest'
  | 'onUpload'
  | 'onSubmitted'
  | 'onFinished'
  | 'waitUntil'
  | 'fal'
  | 'proxy'

/** The host's listener for failures. */
export type OnError = (error: unknown, stage: ProxyStage, call: ProxyCall) => void

/** Hears of a failure. Never throws. */
export type Report = (error: unknown, stage: ProxyStage) => void

/**
 * Runs one of the host's own functions. Never rejects: a failure is reported and becomes a 500 that tells nothing, and
 * an answer the function gives, of whatever Response class, comes back as a Response.
 */
export type Guard = <Result>(
  stage: ProxyStage,
  run: () => Result | Promise<Result>,
) => Promise<Exclude<Result, Response> | Response>

/** A host's function returned what it may not: the one failure whose words the caller is told. */
export class HookMisuse extends TypeError {
  constructor(stage: ProxyStage, allowed: string, value: unknown) {
    super(`${stage} must return ${allowed}, not ${describeKind(value)}`)
  }
}

/** Makes a reporter of the host's listener for one call; one that throws stops nothing. Never throws. */
export function createReport(onError: OnError | undefined, call: ProxyCall): Report {
  return (error, stage) => {
    try {
      onError?.(error, stage, call)
    } catch {
      // There is nobody left to tell.
    }
  }
}

/** Makes the guard: what takes longer than `timeoutMs` failed; 0 waits for ever. Never throws. */
export function createGuard(report: Report, timeoutMs: number): Guard {
  return async (stage, run) => {
    try {
      const value = await within(timeoutMs, stage, run())
      // What is no refusal is no Response of any class, ours included.
      return (await toRefusal(value)) ?? (value as Exclude<typeof value, Response>)
    } catch (error) {
      report(error, stage)
      return refuse(
        500,
        error instanceof HookMisuse ? error.message : `${stage} failed on the server`,
      )
    }
  }
}

// What comes later is given up: its value is not looked at, its failure ends nothing.
async function within<Result>(
  timeoutMs: number,
  stage: ProxyStage,
  result: Result | Promise<Result>,
): Promise<Result> {
  // Most of the host's functions answer at once and need no timer.
  if (timeoutMs === 0 || !isThenable(result)) return result
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_resolve, reject) => {
    const fail = (): void => reject(new Error(`${stage} took longer than ${timeoutMs} ms`))
    timer = setTimeout(fail, timeoutMs)
  })
  try {
    return await Promise.race([result, late])
  } finally {
    clearTimeout(timer)
  }
}

function isThenable(value: unknown): boolean {
  return typeof toFields(value)['then'] === 'function'
}

// The kind alone: a value may hold what no caller should read.
function describeKind(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  return `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`
}
