// What every page does around its contender: ask, count, and wait until the whole answer stands on the screen.

import { historyLength } from './history.ts'
import { countRenders, forgetRenders } from './render-count.ts'
import type { RenderCount } from './render-count.ts'
import { answer, lastTokenDueAt } from './source.ts'

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

/** Takes what asks the contender, and how the answer's row reads in the end; default: as it was said. */
export function openStage(send: () => Promise<unknown>, shown: () => string = () => answer): void {
  window.bench = { run: () => watch(send, shown()) }
}

async function watch(send: () => Promise<unknown>, shown: string): Promise<Sighting> {
  forgetRenders()
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

const answerRow = (): Element | undefined => list.children[historyLength + 1]

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
