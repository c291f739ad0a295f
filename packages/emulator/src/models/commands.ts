// Things to try by hand: lines of the last user turn that begin with a slash.

import type { AnswerPlan } from './answer-plan.ts'
import { codeShowcase, longText, markdownShowcase, unicodeShowcase } from './showcases.ts'

/** A command that changes the answer. */
export interface Command {
  /** How to write it, "/long [n]". */
  readonly usage: string
  readonly summary: string
  /** @param words The rest of the turn: what is no command, for a command that repeats it. */
  apply(plan: AnswerPlan, argument: string, words: string): AnswerPlan
}

/** A command as it was found in a turn. */
export interface FoundCommand {
  readonly name: string
  readonly argument: string
}

const maxLongWords = 100_000

/** The commands of the built-in model, by name. */
export const commands: Readonly<Record<string, Command>> = {
  help: {
    usage: '/help',
    summary: 'this list',
    apply: (plan) => ({ ...plan, text: writeHelp() }),
  },
  long: {
    usage: '/long [n]',
    summary: 'an answer of n words (default 500)',
    apply: (plan, argument) => ({ ...plan, text: longText(toNumber(argument, 500, maxLongWords)) }),
  },
  echo: {
    usage: '/echo text',
    summary: 'your text again, and nothing else',
    apply: (plan, argument, words) => ({
      ...plan,
      text: [argument, words].filter(Boolean).join('\n'),
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

const commandLine = /^\/([a-z0-9-]+)(?:[ \t]+(.*))?$/

/**
 * Finds commands in a turn: lines that begin with "/" and a known name; "/usr/bin/env" stays text. Never throws.
 *
 * @param isKnown Tells which names are commands.
 */
export function findCommands(
  turn: string,
  isKnown: (name: string) => boolean,
): { readonly found: readonly FoundCommand[]; readonly words: string } {
  const found: FoundCommand[] = []
  const words: string[] = []
  for (const line of turn.split('\n')) {
    const [, name, argument = ''] = commandLine.exec(line.trimEnd()) ?? []
    if (name !== undefined && isKnown(name)) found.push({ name, argument })
    else words.push(line)
  }
  return { found, words: words.join('\n').trim() }
}

/** Applies the commands of the last user turn to a plan, in their order. Never throws. */
export function applyCommands(plan: AnswerPlan, turn: string): AnswerPlan {
  const { found, words } = findCommands(turn, (name) => Object.hasOwn(commands, name))
  return found.reduce(
    (current, { name, argument }) => commands[name]?.apply(current, argument, words) ?? current,
    plan,
  )
}

function writeHelp(): string {
  const lines = Object.values(commands).map(({ usage, summary }) => `- \`${usage}\` – ${summary}`)
  return ['### Commands', 'Each on a line of its own; they combine.', lines.join('\n')].join('\n\n')
}

const madeUpReasoning =
  'The user asked to see reasoning.\nFirst I read the question, then I look for what it leaves out, ' +
  'and only then do I write the answer.'

function toNumber(argument: string, fallback: number, max: number): number {
  const number = Number.parseInt(argument, 10)
  return Number.isNaN(number) ? fallback : Math.min(Math.max(0, number), max)
}
