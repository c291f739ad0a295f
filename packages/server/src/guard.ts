import { refuse } from './refuse.ts'
import { toRefusal } from './to-refusal.ts'

/** Which part of a call failed on the server's side. */
export type ProxyStage =
  | 'credentials'
  | 'authorize'
  | 'limit'
  | 'onRequest'
  | 'onSubmitted'
  | 'fal'
  | 'proxy'

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

/** Makes a reporter of the host's listener; one that throws stops nothing. Never throws. */
export function createReport(onError: Report | undefined): Report {
  return (error, stage) => {
    try {
      onError?.(error, stage)
    } catch {
      // There is nobody left to tell.
    }
  }
}

/** Makes the guard. Never throws. */
export function createGuard(report: Report): Guard {
  return async (stage, run) => {
    try {
      const value = await run()
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

// The kind alone: a value may hold what no caller should read.
function describeKind(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  return `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`
}
