import { resolve } from 'node:path'
import type { SamplingParams } from '@fal-llm/core'
import { parseArgs } from 'citty'
import type { ArgsDef } from 'citty'
import { Misuse } from './misuse.ts'

/** What one call of the program is about. */
export interface Settings {
  /** What to ask, from the words of the command line. */
  readonly prompt: string | undefined
  /** As it was written; undefined where nothing was. */
  readonly endpoint: string | undefined
  /** As it was written; undefined where nothing was. */
  readonly model: string | undefined
  readonly system: string | undefined
  /** Through fal's queue rather than as a stream. */
  readonly throughQueue: boolean
  readonly params: SamplingParams
  /** A path or an address, to look at with the first message. */
  readonly image: string | undefined
  /** Go on with the last conversation. */
  readonly continues: boolean
  /** Hold a conversation even where no one sits at a terminal. */
  readonly interactive: boolean
  readonly json: boolean
  readonly emulator: boolean
  /** Whether the conversation is kept on disk. */
  readonly history: boolean
  /** Absolute; undefined for the default one. */
  readonly dataFolder: string | undefined
}

/** The flags, as citty takes them. */
export const flags = {
  prompt: {
    type: 'positional',
    required: false,
    description: 'what to ask; without one, and at a terminal, a conversation begins',
  },
  model: { type: 'string', alias: 'm', valueHint: 'id', description: 'which model answers' },
  endpoint: {
    type: 'string',
    alias: 'e',
    valueHint: 'id',
    description: "which of fal's endpoints is asked (openrouter/router)",
  },
  system: { type: 'string', alias: 's', valueHint: 'text', description: 'the system prompt' },
  temperature: {
    type: 'string',
    alias: 't',
    valueHint: '0-2',
    description: 'how freely it writes',
  },
  'max-tokens': { type: 'string', valueHint: 'n', description: 'how long an answer may become' },
  reasoning: { type: 'boolean', alias: 'r', description: 'ask for the reasoning as well' },
  image: { type: 'string', valueHint: 'path|url', description: 'a picture to look at' },
  queue: { type: 'boolean', alias: 'q', description: "through fal's queue; survives a crash" },
  continue: { type: 'boolean', alias: 'c', description: 'go on with the last conversation' },
  interactive: { type: 'boolean', alias: 'i', description: 'converse even without a terminal' },
  json: { type: 'boolean', description: 'print events, one JSON object per line' },
  emulator: { type: 'boolean', description: 'ask the emulator in this process: no key, no bill' },
  history: {
    type: 'boolean',
    default: true,
    description: 'keep the conversation on disk',
    negativeDescription: 'leave no trace on disk',
  },
  'data-dir': { type: 'string', valueHint: 'folder', description: 'where conversations are kept' },
  help: { type: 'boolean', alias: 'h', description: 'show this' },
} as const satisfies ArgsDef

/**
 * Reads the command line.
 *
 * @throws Misuse with a sentence that says what to write instead.
 */
export function parseArguments(words: readonly string[]): Settings | 'help' {
  const values = parseArgs<typeof flags>([...words], flags)
  if (values.help) return 'help'
  refuseUnknown(Object.keys(values))
  refuseEmpty(values)
  const temperature = toNumber('--temperature', values.temperature)
  const maxTokens = toNumber('--max-tokens', values['max-tokens'])
  const dataFolder = values['data-dir']
  return {
    prompt: values._.length > 0 ? values._.join(' ') : undefined,
    endpoint: values.endpoint,
    model: values.model,
    system: values.system,
    params: {
      ...(temperature !== undefined && { temperature }),
      ...(maxTokens !== undefined && { maxTokens }),
      ...(values.reasoning && { reasoning: true }),
    },
    image: values.image,
    throughQueue: values.queue ?? false,
    continues: values.continue ?? false,
    interactive: values.interactive ?? false,
    json: values.json ?? false,
    emulator: values.emulator ?? false,
    history: values.history,
    dataFolder: dataFolder === undefined ? undefined : resolve(dataFolder),
  }
}

/** citty lets through what it does not know; a flag with a typing error would be passed over in silence. */
function refuseUnknown(names: readonly string[]): void {
  const aliases = Object.values(flags).flatMap((flag) => ('alias' in flag ? [flag.alias] : []))
  const known = new Set<string>(['_', 'maxTokens', 'dataDir', ...Object.keys(flags), ...aliases])
  const unknown = names.find((name) => !known.has(name))
  if (unknown === undefined) return
  throw new Misuse(`There is no option ${dashed(unknown)}; --help lists those there are.`)
}

function refuseEmpty(values: Readonly<Record<string, unknown>>): void {
  const empty = Object.entries(flags).find(
    ([name, flag]) => flag.type === 'string' && values[name] === '',
  )
  if (empty) throw new Misuse(`--${empty[0]} needs a value, as in --${empty[0]} <value>.`)
}

function dashed(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name}`
}

function toNumber(flag: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  const number = Number(value)
  if (value.trim() !== '' && Number.isFinite(number)) return number
  throw new Misuse(`${flag} must be a number, not "${value}".`)
}
