import { spawn, spawnSync } from 'node:child_process'
import { watchProgram } from './watch-program.ts'
import type { RunningCli } from './watch-program.ts'

/** Whether there is a way to get a terminal without a person: `script` of util-linux. */
export const hasTerminals: boolean = /util-linux/.test(
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout ?? '',
)

/** Starts a command of the shell in a terminal of its own, 90 columns wide. What it writes is all in `stdout`. */
export function startInTerminal(
  command: string,
  environment: Readonly<Record<string, string>>,
): RunningCli {
  // The shell hears Ctrl-C as well and must live to run what follows.
  const inTerminal = `trap : INT; stty cols 90 rows 30; ${command}`
  return watchProgram(
    spawn('script', ['--quiet', '--return', '--command', inTerminal, '/dev/null'], {
      env: { PATH: process.env['PATH'], TERM: 'xterm-256color', SHELL: '/bin/sh', ...environment },
    }),
  )
}
