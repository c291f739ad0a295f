import { faultCommands } from '../faults/fault-commands.ts'
import type { CallName, Fault } from '../faults/fault.ts'
import { parseObject } from '../json.ts'
import { findCommands } from '../models/find-commands.ts'
import { readMessages } from '../models/messages.ts'
import { lastUserText } from '../models/question.ts'
import { readTurns } from '../models/turns.ts'

/** The faults that happen to a submit itself. All others happen to the calls that follow its job. */
const submitFaults: ReadonlySet<Fault['type']> = new Set(['respond', 'lose-job', 'fail-job'])

/** The faults that a prompt asks for. */
export interface AskedFaults {
  /** The ones of this call. */
  readonly now: readonly Fault[]
  /** The ones of the calls that follow its job. */
  readonly later: readonly Fault[]
}

/** Finds the faults that the last user turn of an input asks for. A body that is no JSON asks for none. */
export function findAskedFaults(call: CallName | undefined, body: string): AskedFaults {
  // A body without a slash holds no command, and need not be parsed.
  if (call === undefined || !answering.has(call) || !body.includes('/')) return noFaults
  const { prompt, messages, stream } = parseObject(body) ?? {}
  const turns = typeof prompt === 'string' ? readTurns(prompt) : readMessages(messages).turns
  const { found } = findCommands(lastUserText(turns), (name) => Object.hasOwn(faultCommands, name))
  const streams = call === 'stream' || call === 'submit' || stream === true
  const faults = found.flatMap(({ name, argument }) => {
    const command = faultCommands[name]
    return command ? [command.toFault(argument, streams)] : []
  })
  if (call !== 'submit') return { now: faults, later: [] }
  return {
    now: faults.filter(({ type }) => submitFaults.has(type)),
    later: faults.filter(({ type }) => !submitFaults.has(type)),
  }
}

const answering: ReadonlySet<CallName> = new Set(['run', 'stream', 'openai', 'submit'])
const noFaults: AskedFaults = { now: [], later: [] }
