import { refuse } from './refuse.ts'

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

/** Runs one of the host's own functions. Never rejects: a failure is reported and becomes a 500 that tells nothing. */
export type Guard = <Result>(
  stage: ProxyStage,
  run: () => Result | Promise<Result>,
) => Promise<Result | Response>

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
      return await run()
    } catch (error) {
      report(error, stage)
      return refuse(500, `${stage} failed on the server`)
    }
  }
}
