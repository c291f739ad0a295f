import type { Bench } from './bench.ts'
import type { BindingDriver } from './driver.ts'

/** Something that every binding does alike. */
export interface Behaviour {
  /** The row's name in the table. */
  readonly name: string
  /** What the driver must have; a framework without it has no such row. */
  readonly needs?: keyof BindingDriver
  /** Why it does not hold yet. When it does, its test fails. */
  readonly fails?: string
  run(bench: Bench): Promise<void>
}
