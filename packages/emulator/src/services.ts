import type { Activity } from './activity.ts'
import type { Doorkeeper } from './authorize.ts'
import type { Model } from './models/model.ts'
import type { ResolvedOptions } from './options.ts'

/** What answering a call takes. */
export interface Services {
  readonly options: ResolvedOptions
  readonly model: Model
  readonly activity: Activity
  readonly doorkeeper: Doorkeeper
}
