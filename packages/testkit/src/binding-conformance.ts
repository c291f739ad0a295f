// What every binding does alike, shown on each with its own components. The suite knows no framework: a driver brings the
// components, and what they paint is what is judged.

import { describe, expect, test, vi } from 'vitest'
import { answering } from './binding/answering.ts'
import type { Behaviour } from './binding/behaviour.ts'
import { createBench } from './binding/bench.ts'
import { commanding } from './binding/commanding.ts'
import { completing } from './binding/completing.ts'
import type { BindingDriver } from './binding/driver.ts'
import { leaving } from './binding/leaving.ts'
import { liveOptions } from './binding/live-options.ts'
import { load } from './binding/load.ts'
import { serverRendering } from './binding/server-rendering.ts'
import { storing } from './binding/storing.ts'

export type {
  BindingDriver,
  ChatProbe,
  CompletionProbe,
  DriverChatOptions,
  Mount,
  MountedComponent,
} from './binding/driver.ts'

/** A cell of the conformance table. */
export interface ConformanceCell {
  readonly binding: string
  readonly behaviour: string
  /** The behaviour's place in the suite, from 0. */
  readonly row: number
  /** It is known not to hold yet. */
  readonly fails: boolean
}

declare module 'vitest' {
  interface TaskMeta {
    /** The cell of the conformance table that a test fills. */
    conformance?: ConformanceCell
  }
}

const behaviours: readonly Behaviour[] = [
  ...answering,
  ...leaving,
  ...liveOptions,
  ...commanding,
  ...storing,
  ...load,
  ...completing,
  ...serverRendering,
]

/** Runs the conformance suite on one binding; `name` heads its column, for example "React 19". */
export function describeBinding(name: string, driver: BindingDriver): void {
  describe(`${name}, as every binding`, () => {
    for (const [row, behaviour] of behaviours.entries()) {
      if (behaviour.needs && !driver[behaviour.needs]) continue
      const conformance = {
        binding: name,
        behaviour: behaviour.name,
        row,
        fails: behaviour.fails !== undefined,
      }
      const title = behaviour.fails
        ? `${behaviour.name} (not yet: ${behaviour.fails})`
        : behaviour.name
      test(title, { meta: { conformance }, fails: conformance.fails }, async () => {
        const bench = createBench(driver)
        try {
          await behaviour.run(bench)
          expect(bench.takeComplaints()).toEqual([])
        } finally {
          bench.close()
          vi.restoreAllMocks()
        }
      })
    }
  })
}
