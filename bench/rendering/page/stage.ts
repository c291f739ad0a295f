// What every page does around its contender: ask, count, and wait until the whole answer stands on the screen.

import { createTurns } from '../../peers/conversation.ts'
import { answer, lastTokenDueAt } from './source.ts'

const historyLength = 200
const answerIndex = historyLength + 1

/** The turns before the measured question. */
export const turns = createTurns(
  historyLength,
  (index) =>
    `Turn ${index}: some words that were said before, enough of them to fill more than one line ` +
    'of the column on a usual screen, as most turns of a conversation do.',
)

let renders = new Uint32Array(answerIndex + 1)

/** Each row calls it when it renders or updates. */
export function noteRender(index: number): void {
  renders[index] = (renders[index] ?? 0) + 1
}

/** How often rows rendered since the question. */
export interface RenderCount {
  readonly all: number
  /** Of the growing row, without its first one. */
  readonly ofAnswer: number
  /** Of rows that did not change, without the question's first one. */
  readonly ofOthers: number
}

function countRenders(): RenderCount {
  const all = renders.reduce((sum, count) => sum + count, 0)
  const ofAnswerRow = renders[answerIndex] ?? 0
  const hasQuestion = (renders[historyLength] ?? 0) > 0
  return {
    all,
    ofAnswer: Math.max(0, ofAnswerRow - 1),
    ofOthers: all - ofAnswerRow - (hasQuestion ? 1 : 0),
  }
}

/** One answer, seen from inside the page. */
export interface Sighting {
  readonly renders: RenderCount
  /** React's, from the hook it offers to its developer tools; 0 elsewhere. */
  readonly commits: number
  readonly frames: number
  readonly seconds: number
  /** From the moment the last token was due. */
  readonly lagMs: number
}

declare global {
  interface Window {
    /** Set by the page's shell, before any script. */
    commits: number
    bench?: { readonly run: () => Promise<Sighting> }
  }
}

/** An answer that has not ended by then never will. */
const deadlineMs = 120_000
/** A screen may come this much later than the end it is told of. */
const afterEndMs = 2_000

/** The element that holds the rows. The page's shell has it. */
export const list: HTMLElement = elementOf('list')
const scroller = elementOf('scroller')

// After layout and only by setting, so that keeping the end in view costs everyone the same.
new ResizeObserver(() => (scroller.scrollTop = Number.MAX_SAFE_INTEGER)).observe(list)

/** Takes what asks the contender, and the text of the answer's row in the end; default: the answer itself. */
export function openStage(send: () => Promise<unknown>, shown: () => string = () => answer): void {
  window.bench = { run: () => sight(send, shown()) }
}

async function sight(send: () => Promise<unknown>, shown: string): Promise<Sighting> {
  // What came before the question does not count.
  renders = new Uint32Array(answerIndex + 1)
  const commitsBefore = window.commits
  const frames = countFrames()
  const startedAt = performance.now()
  const ended = send()
  const [lagMs] = await Promise.race([
    Promise.all([whenShown(shown), ended]),
    failLate(ended, shown),
  ])
  // What is published with the end is part of the answer.
  await nextFrame()
  await nextFrame()
  const seconds = (performance.now() - startedAt) / 1_000
  expectShown(shown)
  const commits = window.commits - commitsBefore
  return { renders: countRenders(), commits, frames: frames.stop(), seconds, lagMs }
}

const answerRow = (): Element | undefined => list.children[answerIndex]

/** Looks at each change, but only once there is nothing more to come: until then looking would cost. */
async function whenShown(shown: string): Promise<number> {
  const dueAt = await lastTokenDueAt
  return new Promise((resolve) => {
    const look = (): void => {
      if (answerRow()?.textContent?.length !== shown.length) return
      observer.disconnect()
      resolve(performance.now() - dueAt)
    }
    const observer = new MutationObserver(look)
    observer.observe(list, { subtree: true, childList: true, characterData: true })
    look()
  })
}

async function failLate(ended: Promise<unknown>, shown: string): Promise<never> {
  await Promise.race([ended.then(() => sleep(afterEndMs)), sleep(deadlineMs)])
  expectShown(shown)
  throw new Error('not complete: the text stands there, but the answer has not ended')
}

function expectShown(shown: string): void {
  const text = answerRow()?.textContent ?? ''
  if (text === shown && list.children.length === historyLength + 2) return
  throw new Error(
    `not exact: ${text.length} characters instead of ${shown.length}, ${list.children.length} rows`,
  )
}

function countFrames(): { stop(): number } {
  let frames = 0
  let request = requestAnimationFrame(function count() {
    frames++
    request = requestAnimationFrame(count)
  })
  return {
    stop() {
      cancelAnimationFrame(request)
      return frames
    },
  }
}

const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))
const nextFrame = (): Promise<unknown> => new Promise(requestAnimationFrame)

function elementOf(id: string): HTMLElement {
  const element = document.getElementById(id)
  if (!element) throw new Error(`The shell has no #${id}`)
  return element
}
