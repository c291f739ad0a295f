import { toModelName } from '@fal-llm/app-shared/text/model-groups'
import type { ChatMessage, GenerationEvent } from '@fal-llm/core'
import ora from 'ora'
import { describeAnswer } from './describe-answer.ts'
import { toPrintable } from './screen.ts'
import type { Screen } from './screen.ts'

/** Prints one answer while it comes. */
export interface AnswerPrinter {
  /** A model is asked. */
  begin(model: string): void
  handle(event: GenerationEvent): void
  /** The answer has ended, one way or another; undefined: there was nothing to answer. */
  end(message: ChatMessage | undefined): void
}

/** Creates the printer of JSON lines, of a conversation, or of one answer. */
export function createAnswerPrinter(
  screen: Screen,
  { json, isConversation }: { readonly json: boolean; readonly isConversation: boolean },
): AnswerPrinter {
  if (json) return { begin() {}, handle: (event) => screen.print(JSON.stringify(event)), end() {} }
  return createTextPrinter(screen, isConversation)
}

/** A conversation is printed with its reasoning dimmed, and how each answer ended; a single answer is printed alone. */
function createTextPrinter(screen: Screen, isConversation: boolean): AnswerPrinter {
  const { isTerminal, palette, write, note } = screen
  const progress = createProgress(screen, isConversation)
  // A pipe gets the answer as it is.
  const clean = isConversation || isTerminal ? toPrintable : (text: string) => text
  let kind: 'reasoning' | 'answer' | undefined
  let last = ''

  const add = (next: 'reasoning' | 'answer', delta: string): void => {
    progress.clear()
    if (kind !== undefined && kind !== next) write('\n\n')
    kind = next
    last = delta
    write(next === 'reasoning' ? palette.dim(clean(delta)) : clean(delta))
  }
  const endLine = (): void => {
    progress.clear()
    if (last !== '' && !last.endsWith('\n')) write('\n')
    last = ''
    kind = undefined
  }
  return {
    begin: (model) => progress.show(`${toModelName(model)} is asked`),
    handle(event) {
      if (event.type === 'text-delta') add('answer', event.delta)
      if (event.type === 'reasoning-delta' && isConversation) add('reasoning', event.delta)
      if (event.type === 'queue-update') {
        for (const line of event.logs) progress.log(`│ ${toPrintable(line.message)}`)
        progress.show(describeQueue(event))
      }
      if (event.type === 'reset' && kind !== undefined) {
        endLine()
        note(palette.dim('The model began its answer again; what is above does not count.'))
      }
    },
    end(message) {
      endLine()
      if (!isConversation || !message) return
      for (const line of describeAnswer(message, palette)) note(line)
    },
  }
}

function describeQueue({
  status,
  position,
}: Extract<GenerationEvent, { type: 'queue-update' }>): string {
  if (status === 'IN_PROGRESS') return 'The job is running'
  if (status === 'COMPLETED') return 'The job is done, fetching the answer'
  if (position === undefined) return 'In the queue'
  return position === 0 ? 'In the queue, next to run' : `In the queue, ${position} before this one`
}

/** One line that says what the answer waits for. */
interface Progress {
  /** Shows the line, or changes it. */
  show(text: string): void
  /** Prints a line that stays, above the one that changes. */
  log(line: string): void
  /** Takes the line away. */
  clear(): void
}

/** A spinner on a terminal. Elsewhere each change is a line of stderr, or nothing for a single answer in a pipe. */
function createProgress(
  { isTerminal, stderr, note, palette }: Screen,
  isVerbose: boolean,
): Progress {
  if (!isTerminal) {
    let shown: string | undefined
    const show = (text: string): void => {
      if (text !== shown) note(text)
      shown = text
    }
    if (!isVerbose) return { show() {}, log() {}, clear() {} }
    return { show, log: note, clear: () => (shown = undefined) }
  }
  // Ctrl-C must reach this process, and what is typed meanwhile belongs to the next message.
  const spinner = ora({ stream: stderr, discardStdin: false })
  // ora wipes the current line even when it does not spin.
  const clear = (): void => {
    if (spinner.isSpinning) spinner.stop()
  }
  return {
    show(text) {
      spinner.text = palette.dim(text)
      if (!spinner.isSpinning) spinner.start()
    },
    log(line) {
      const wasSpinning = spinner.isSpinning
      clear()
      note(palette.dim(line))
      if (wasSpinning) spinner.start()
    },
    clear,
  }
}
