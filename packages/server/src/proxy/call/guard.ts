import { toFields } from '../../json.ts'
import type { ProxyCall } from './call-record.ts'
import { refuse } from './refuse.ts'
import { toRefusal } from './to-refusal.ts'

/** The part of a call that failed on the server's side. */
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

/** The host's function for failures. */
export type OnError = (error: unknown, stage: ProxyStage, call: ProxyCall) => void

/** Reports a failure. Never throws, whatever the host's function does. */
export type Report = (error: unknown, stage: ProxyStage) => void

/**
 * Runs one of the host's own functions. Never rejects: a failure is reported and becomes a 500 without its reason.
 * A Response that the function returns, of whatever class, comes back as a Response of this realm.
 */
export type Guard = <Result>(
  stage: ProxyStage,
  run: () => Result | Promise<Result>,
) => Promise<Exclude<Result, Response> | Response>

/**
 * One of the host's functions returned a value that it must not return. The caller gets this message, and no other one.
 */
export class HookMisuse extends TypeError {
  constructor(stage: ProxyStage, allowed: string, value: unknown) {
    super(`${stage} must return ${allowed}, not ${describeKind(value)}`)
  }
}

/** Creates the reporter of one call. What `onError` throws is dropped. */
export function createReport(onError: OnError | undefined, call: ProxyCall): Report {
  return (error, stage) => {
    try {
      onError?.(error, stage, call)
    } catch {
      // A failing error handler has no error handler of its own.
    }
  }
}

/** Creates the guard of one call. A function that takes longer than `timeoutMs` has failed; 0 waits for ever. */
export function createGuard(report: Report, timeoutMs: number): Guard {
  return async (stage, run) => {
    try {
      const value = await within(timeoutMs, stage, run())
      // `toRefusal` returns undefined only for what is no Response of any class.
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

// A result that comes too late is ignored, and so is a failure that comes too late.
async function within<Result>(
  timeoutMs: number,
  stage: ProxyStage,
  result: Result | Promise<Result>,
): Promise<Result> {
  // Most of the host's functions return at once and need no timer.
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

// Names only the kind of a value: the value itself may hold what no caller should read.
function describeKind(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  return `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`
}
