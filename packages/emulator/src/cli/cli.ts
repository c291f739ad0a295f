import { renderUsage, runCommand } from 'citty'
import type { ArgsDef, CommandDef } from 'citty'
import { execCommand } from './exec-command.ts'
import { serveCommand } from './serve-command.ts'

const [first, ...others] = process.argv.slice(2)
await (first === 'exec' ? start(execCommand, others) : start(serveCommand, process.argv.slice(2)))

/** Prints a wrong flag as one line on stderr, without a stack trace. */
async function start<Args extends ArgsDef>(
  command: CommandDef<Args>,
  rawArgs: string[],
): Promise<void> {
  const own = rawArgs.slice(0, rawArgs.includes('--') ? rawArgs.indexOf('--') : rawArgs.length)
  if (own.includes('--help') || own.includes('-h')) {
    console.log(await renderUsage(command))
    return
  }
  try {
    await assertFlagsExist(command, own)
    await runCommand(command, { rawArgs })
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}

/** A misspelt flag is an error; citty would ignore it. */
async function assertFlagsExist<Args extends ArgsDef>(
  { args }: CommandDef<Args>,
  given: readonly string[],
): Promise<void> {
  const known = Object.keys((await (typeof args === 'function' ? args() : args)) ?? {})
  for (const argument of given) {
    const [, name] = /^--?([^=]*)/.exec(argument) ?? []
    if (name === undefined || known.includes(name)) continue
    const list = known.map((flag) => `--${flag}`).join(', ')
    throw new RangeError(`There is no flag ${argument}. There are: ${list}`)
  }
}
