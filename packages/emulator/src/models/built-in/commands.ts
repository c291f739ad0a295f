// Commands to try things by hand: lines of the last user turn that begin with a slash.

import { findCommands } from '../find-commands.ts'
import type { AnswerPlan } from './answer-plan.ts'
import { codeShowcase, longText, markdownShowcase, unicodeShowcase } from './showcases.ts'

/** What the help says of a command. */
export interface CommandHelp {
  /** How to write it, "/long [n]". */
  readonly usage: string
  readonly summary: string
}

/** Commands by name, as the help lists them. */
export type CommandList = Readonly<Record<string, CommandHelp>>

/** A command that changes the answer. */
export interface Command extends CommandHelp {
  /**
   * @param rest What of the turn is no command, for a command that repeats it.
   * @param others The commands that somebody else carries out, for a command that lists them.
   */
  apply(plan: AnswerPlan, argument: string, rest: string, others: CommandList): AnswerPlan
}

const maxLongWords = 100_000

/** The commands of the built-in model, by name. */
export const commands: Readonly<Record<string, Command>> = {
  help: {
    usage: '/help',
    summary: 'this list',
    apply: (plan, _argument, _rest, others) => ({ ...plan, text: writeHelp(others) }),
  },
  long: {
    usage: '/long [n]',
    summary: 'an answer of n words (default 500)',
    apply: (plan, argument) => ({ ...plan, text: longText(toNumber(argument, 500, maxLongWords)) }),
  },
  echo: {
    usage: '/echo text',
    summary: 'your text again, and nothing else',
    apply: (plan, argument, rest) => ({
      ...plan,
      text: [argument, rest].filter(Boolean).join('\n'),
    }),
  },
  markdown: {
    usage: '/markdown',
    summary: 'every kind of Markdown there is',
    apply: (plan) => ({ ...plan, text: markdownShowcase }),
  },
  code: {
    usage: '/code',
    summary: 'code blocks in several languages',
    apply: (plan) => ({ ...plan, text: codeShowcase }),
  },
  unicode: {
    usage: '/unicode',
    summary: 'emoji, combining marks, right-to-left text, surrogate pairs',
    apply: (plan) => ({ ...plan, text: unicodeShowcase }),
  },
  empty: {
    usage: '/empty',
    summary: 'an answer without a word',
    apply: (plan) => ({ ...plan, text: '' }),
  },
  reason: {
    usage: '/reason',
    summary: 'reasoning before the answer, asked for or not',
    apply: (plan) => ({ ...plan, reasoning: plan.reasoning || madeUpReasoning }),
  },
  slow: {
    usage: '/slow [ms]',
    summary: 'the first token after that many milliseconds (default 5000)',
    apply: (plan, argument) => ({ ...plan, firstTokenMs: toNumber(argument, 5000, 600_000) }),
  },
  speed: {
    usage: '/speed [n]',
    summary: 'n tokens per second (default 5)',
    apply: (plan, argument) => ({
      ...plan,
      tokensPerSecond: Math.max(1, toNumber(argument, 5, 1_000_000)),
    }),
  },
  error: {
    usage: '/error [text]',
    summary: 'an in-band error in the middle of the answer, HTTP status 200',
    apply: (plan, argument) => ({ ...plan, error: argument || 'Provider returned error' }),
  },
}

/**
 * Applies the commands of the last user turn to a plan, in their order.
 *
 * @param others Commands that somebody else carries out: they change no plan, and are no part of the text.
 */
export function applyCommands(
  plan: AnswerPlan,
  turn: string,
  others: CommandList = {},
): AnswerPlan {
  const { found, rest } = findCommands(
    turn,
    (name) => Object.hasOwn(commands, name) || Object.hasOwn(others, name),
  )
  return found.reduce(
    (current, { name, argument }) =>
      commands[name]?.apply(current, argument, rest, others) ?? current,
    plan,
  )
}

function writeHelp(others: CommandList): string {
  return [
    '### Commands',
    'Each on a line of its own; they combine.',
    list(commands),
    '### What can go wrong',
    list(others),
  ].join('\n\n')
}

function list(entries: CommandList): string {
  return Object.values(entries)
    .map(({ usage, summary }) => `- \`${usage}\` – ${summary}`)
    .join('\n')
}

const madeUpReasoning =
  'The user asked to see reasoning.\nFirst I read the question, then I look for what it leaves out, ' +
  'and only then do I write the answer.'

function toNumber(argument: string, fallback: number, max: number): number {
  const number = Number.parseInt(argument, 10)
  return Number.isNaN(number) ? fallback : Math.min(Math.max(0, number), max)
}
