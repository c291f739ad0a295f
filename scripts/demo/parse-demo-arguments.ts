import { parseArgs } from 'node:util'
import { frameworkNames } from './frameworks.ts'
import type { Framework } from './frameworks.ts'

/** What to start, and where. */
export interface DemoOptions {
  /** One app, or several beside each other. */
  readonly frameworks: readonly Framework[]
  /** Talk to fal instead of the emulator. */
  readonly live: boolean
  /** A proxy that is running already and has the key; undefined: the demo's own, with FAL_KEY. */
  readonly proxyUrl: string | undefined
  /** Where the chat listens; the next free one when taken, any when 0. */
  readonly port: number
  /** Where the emulator listens; any when taken or 0. */
  readonly emulatorPort: number
  /** Reload the page when a source file changes. */
  readonly watch: boolean
}

/** How the demo is called. */
export const usage = `Usage: demo [${frameworkNames.join('|')}] [--all] [--live [--proxy URL]] [--port N] [--emulator-port N] [--no-watch]

  --all              all three side by side
  --live             talk to fal with FAL_KEY instead of the emulator
  --proxy URL        with --live: through a proxy that has the key, instead of the demo's own
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
  if (values.all && positionals.length > 0) {
    throw new Error(`--all shows every framework; leave "${framework}" out.`)
  }
  const proxyUrl = toProxyUrl(values.proxy, values.live)
  if (values.live && proxyUrl === undefined && !environment['FAL_KEY']?.trim()) {
    throw new Error(
      '--live needs a fal key: set FAL_KEY to "key_id:secret", or leave --live out to use the emulator.',
    )
  }
  return {
    frameworks: values.all ? frameworkNames : [framework],
    live: values.live,
    proxyUrl,
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
        all: { type: 'boolean', default: false },
        live: { type: 'boolean', default: false },
        proxy: { type: 'string' },
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

function toProxyUrl(value: string | undefined, live: boolean): string | undefined {
  if (value === undefined) return undefined
  if (!live) throw new Error('--proxy is for --live: the emulator is asked directly.')
  if (/^https?:\/\//.test(value) && URL.canParse(value)) return value
  throw new Error(
    `--proxy must be the proxy's address, like http://127.0.0.1:3000/api/fal/proxy, not "${value}".`,
  )
}

function toPort(flag: string, value: string): number {
  const port = Number(value)
  if (/^\d+$/.test(value) && port <= 65_535) return port
  throw new Error(`${flag} must be a port from 0 to 65535, not "${value}".`)
}
