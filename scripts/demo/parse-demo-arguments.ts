import { parseArgs } from 'node:util'
import { frameworkNames } from './frameworks.ts'
import type { Framework } from './frameworks.ts'

/** What to start, and where. */
export interface DemoOptions {
  readonly framework: Framework
  /** Talk to fal instead of the emulator. */
  readonly live: boolean
  /** Where the chat listens; the next free one when taken, any when 0. */
  readonly port: number
  /** Where the emulator listens; any when taken or 0. */
  readonly emulatorPort: number
  /** Reload the page when a source file changes. */
  readonly watch: boolean
}

/** How the demo is called. */
export const usage = `Usage: demo [${frameworkNames.join('|')}] [--live] [--port N] [--emulator-port N] [--no-watch]

  --live             talk to fal with FAL_KEY instead of the emulator
  --port N           where the chat listens (5173; another when taken)
  --emulator-port N  where the emulator listens (8787; another when taken)
  --no-watch         serve the sources as they are now, whatever is edited meanwhile`

/**
 * Reads the command line.
 *
 * @throws Error with a sentence for the person who typed it.
 */
export function parseDemoArguments(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): DemoOptions | 'help' {
  const { values, positionals } = readWords(words)
  if (values.help) return 'help'
  const [framework = frameworkNames[0], ...rest] = positionals
  if (!isFramework(framework) || rest.length > 0) {
    throw new Error(
      `There is no demo for "${[framework, ...rest].join(' ')}". Known: ${frameworkNames.join(', ')}.`,
    )
  }
  if (values.live && !environment['FAL_KEY']?.trim()) {
    throw new Error(
      '--live needs a fal key: set FAL_KEY to "key_id:secret", or leave --live out to use the emulator.',
    )
  }
  return {
    framework,
    live: values.live,
    port: toPort('--port', values.port),
    emulatorPort: toPort('--emulator-port', values['emulator-port']),
    watch: !values['no-watch'],
  }
}

function readWords(words: readonly string[]) {
  try {
    return parseArgs({
      // Package managers differ in whether they pass their own "--" on.
      args: words.filter((word) => word !== '--'),
      allowPositionals: true,
      options: {
        live: { type: 'boolean', default: false },
        port: { type: 'string', default: '5173' },
        'emulator-port': { type: 'string', default: '8787' },
        'no-watch': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('. ')[0] : String(error)
    throw new Error(`${reason}.\n\n${usage}`, { cause: error })
  }
}

function isFramework(name: string | undefined): name is Framework {
  return frameworkNames.some((known) => known === name)
}

function toPort(flag: string, value: string): number {
  const port = Number(value)
  if (/^\d+$/.test(value) && port <= 65_535) return port
  throw new Error(`${flag} must be a port from 0 to 65535, not "${value}".`)
}
