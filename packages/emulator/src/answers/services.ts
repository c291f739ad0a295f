import type { Authorizer } from '../http/authorizer.ts'
import type { Model } from '../models/model.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Activity } from './activity.ts'

/** What the handlers need to answer a call. */
export interface Services {
  readonly options: ResolvedOptions
  readonly model: Model
  readonly activity: Activity
  readonly authorizer: Authorizer
}
