import { faultCommands } from '../faults/fault-commands.ts'
import type { CallName, Fault } from '../faults/fault.ts'
import { parseObject } from '../json.ts'
import { findCommands } from '../models/find-commands.ts'
import { readMessages } from '../models/messages.ts'
import { lastUserText } from '../models/question.ts'
import { readTurns } from '../models/turns.ts'

/** Faults of an answer that hit a queued job where it is followed, not where it is submitted. */
const submitFaults: ReadonlySet<Fault['type']> = new Set(['respond', 'lose-job', 'fail-job'])

/** What a prompt asks to go wrong. */
export interface AskedFaults {
  /** With this call. */
  readonly now: readonly Fault[]
  /** With the calls that follow a job. */
  readonly later: readonly Fault[]
}

/** Finds the faults that the last user turn of an input asks for. Never throws. */
export function findAskedFaults(call: CallName | undefined, body: string): AskedFaults {
  // Spares parsing a body that cannot hold a command.
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
