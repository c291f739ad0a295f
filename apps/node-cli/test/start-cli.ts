import { spawn } from 'node:child_process'
import { watchProgram } from './watch-program.ts'
import type { RunningCli } from './watch-program.ts'

/** What a call of fal-chat gets. */
export interface CliCall {
  /** The built program. */
  readonly program: string
  readonly words?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** All of stdin. Default: nothing; undefined keeps it open. */
  readonly stdin?: string | undefined
}

/** Starts fal-chat as a shell does, with nothing of this process's environment but the path. */
export function startCli(call: CliCall): RunningCli {
  const child = spawn(process.execPath, [call.program, ...(call.words ?? [])], {
    env: { PATH: process.env['PATH'], ...call.environment },
  })
  const cli = watchProgram(child)
  if (!('stdin' in call)) cli.end()
  else if (call.stdin !== undefined) child.stdin.end(call.stdin)
  return cli
}

/** Runs fal-chat to its end. */
export async function runCli(
  call: CliCall,
): Promise<{ readonly code: unknown; readonly stdout: string; readonly stderr: string }> {
  const cli = startCli(call)
  const code = await cli.ended
  return { code, stdout: cli.stdout, stderr: cli.stderr }
}
